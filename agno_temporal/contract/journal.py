"""What an interpreter's walk has been told so far: enough to walk the same way again, and no more.

A run that has become too long for one history goes on in a new one. There the walk begins anew, from the first step,
and is told what it was told before, until it stands where it stood. So whatever a walk learns from outside (what a step
returned, what was decided, what time it was) is an entry of a journal, in the order in which it learnt it. What has
finished is told in one entry, whatever was inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from agno_temporal.contract.outputs import Leaf, Output
from agno_temporal.contract.tasks import Evaluated, ExecutorPause, Extras, Flow, StateChange
from agno_temporal.hitl import Decision


@dataclass(frozen=True, slots=True)
class Counted:
    """Something began: the how-manieth time it was, and when."""

    KIND: ClassVar[str] = "counted"
    occurrence: int
    at: float


@dataclass(frozen=True, slots=True)
class Raised:
    """A step's own code failed for good."""

    KIND: ClassVar[str] = "raised"
    message: str
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A leaf ran: its output, what its end check said, and what it pauses for."""

    KIND: ClassVar[str] = "ran"
    leaf: Leaf
    ends_loop: bool | None = None
    pause: ExecutorPause | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A callable answered."""

    KIND: ClassVar[str] = "told"
    answer: Evaluated


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, and its answer once it has one."""

    KIND: ClassVar[str] = "asking"
    requirement_id: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A node is done. Without an output it was skipped."""

    KIND: ClassVar[str] = "done"
    path: str
    output: Output | None = None
    ends_loop: bool | None = None
    failed: Raised | None = None


@dataclass(frozen=True, slots=True)
class Iterated:
    """A loop's iterations so far. `flow` is what the next one is given, where that is the last one's output."""

    KIND: ClassVar[str] = "iterated"
    path: str
    iteration: int
    outputs: tuple[Output, ...] = ()
    lengths: tuple[int, ...] = ()
    rejections: int = 0
    by_timer: int = 0
    feedback: str | None = None
    extras: Extras | None = None
    flow: Flow | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """All steps of a workflow, which its agent had run."""

    KIND: ClassVar[str] = "walked"
    results: tuple[Output, ...] = ()
    content: str | None = None
    content_of: Output | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch of a Parallel: its own journal, and what it did to the session state since it began."""

    entries: tuple[Entry, ...] = ()
    change: StateChange | None = None


@dataclass(frozen=True, slots=True)
class Forked:
    """A Parallel is under way."""

    KIND: ClassVar[str] = "forked"
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Parked:
    """Here it stood, before its next call."""

    KIND: ClassVar[str] = "parked"


Entry: TypeAlias = Counted | Raised | Ran | Told | Asking | Done | Iterated | Walked | Forked | Parked

"""Outputs as the interpreter holds them: where a step's output is, and not what is in it.

Passing every earlier output to every step is quadratic: forty steps of 50 KB write 41 MB of history, of the 50 MB that
Temporal allows. So an output is written once, as the result of its step's activity. The interpreter keeps a small
`Leaf` that names that activity; a step's input carries leaves, small ones with their body inline up to a budget, and
the worker reads the others from its cache or from the history. Container outputs are never written at all: they follow
from their children.

agno's `StepOutput` is made from these by `agno_bridge.step_outputs`, for steps and for readers alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final, TypeAlias

from agno_temporal.plan.data import Json

DIGEST_LENGTH: Final = 16
"""As much of a digest is written where all it does is to tell one thing from another: 64 bits, and not 256 in each task
for each earlier output. Whoever compares takes one of any length."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The output of a step that ran.

    Attributes:
        activity_id: The activity whose result it is.
        digest: Of the body's SHA-256, the beginning: what was read must be what was written.
        size: Bytes of the body as JSON.
        body: The output itself, where it is small; None stands for "read it there".
        edited: What a reviewer put in place of the content, with `has_edit` set.
    """

    KIND: ClassVar[str] = "leaf"
    activity_id: str
    digest: str
    size: int = 0
    success: bool = True
    stop: bool = False
    media: bool = False
    error: str | None = None
    body: Json = None
    edited: Json = None
    has_edit: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """An output that the interpreter made itself, for a step that failed or was skipped by its error policy.

    `content` is text of ours, or what a reviewer put in its place, encoded.
    """

    KIND: ClassVar[str] = "made"
    step_name: str | None
    content: Json
    step_id: str | None = None
    step_type: str | None = None
    executor_type: str | None = None
    executor_name: str | None = None
    success: bool = True
    error: str | None = None
    stop: bool = False
    media: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Group:
    """The output of a container. `content` of a Parallel and of a nested workflow follow from `steps`.

    `ran` is False of a Condition that took no branch, of a Router that chose nothing, and of a nested workflow that
    is a function: `steps` then holds what the function returned, and no step is shown.
    """

    KIND: ClassVar[str] = "group"
    step_name: str | None
    step_id: str
    step_type: str
    steps: tuple[Output, ...] = ()
    content: str | None = None
    success: bool = True
    stop: bool = False
    edited: Json = None
    has_edit: bool = False
    run: NestedRun | None = None
    ran: bool = True

    @property
    def media(self) -> bool:
        """Only a Parallel hands its children's media on (agno/workflow/parallel.py:222-262)."""
        return self.step_type == "Parallel" and any(step.media for step in self.steps)


@dataclass(frozen=True, slots=True)
class NestedRun:
    """What a nested workflow's output needs to be shown as a run of its own.

    `media` are the outputs whose media it was given, after those of the run's input.
    """

    run_id: str
    workflow_id: str
    workflow_name: str | None
    input: InputSource
    duration: float
    metadata: Json = None
    media: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class RunInput:
    """The run's own input."""

    KIND: ClassVar[str] = "run"


@dataclass(frozen=True, slots=True)
class MessageOf:
    """A nested workflow's input: the last output's deepest content, or `otherwise` where that is empty
    (agno/workflow/step.py:2663)."""

    KIND: ClassVar[str] = "message"
    output: Output
    otherwise: InputSource


@dataclass(frozen=True, slots=True)
class Query:
    """What a workflow's agent has its steps run for, in place of the run's own input."""

    KIND: ClassVar[str] = "query"
    text: str


Output: TypeAlias = Leaf | Made | Group
InputSource: TypeAlias = RunInput | MessageOf | Query


def leaves(output: Output) -> Iterator[Leaf]:
    """Every leaf below, in order."""
    match output:
        case Leaf():
            yield output
        case Group():
            for step in output.steps:
                yield from leaves(step)


def bare(output: Output) -> Output:
    """The output without any body, for where the same leaves stand inline beside it."""
    match output:
        case Leaf():
            return replace(output, body=None)
        case Group():
            return replace(output, steps=tuple(bare(step) for step in output.steps))
        case Made():
            return output


class Budget:
    """What may still be inlined, in bytes."""

    def __init__(self, size: int) -> None:
        self.left = size

    def trim(self, output: Output) -> Output:
        """The output with the bodies of its leaves inline as far as the budget goes, the last leaf first. The very same
        object, where all of them are."""
        match output:
            case Leaf() if output.body is not None:
                if output.size > self.left:
                    return replace(output, body=None)
                self.left -= output.size
                return output
            case Group():
                steps = tuple(reversed([self.trim(step) for step in reversed(output.steps)]))
                same = all(step is before for step, before in zip(steps, output.steps, strict=True))
                return output if same else replace(output, steps=steps)
            case _:
                return output

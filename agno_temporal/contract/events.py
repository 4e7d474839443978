"""Events as the interpreter knows them: what happened, where, and which outputs it is about.

agno's event objects hold whole outputs, one inside the other: the loop's last event repeats what each iteration's event
and each step's event held. Kept like that, the events of a run would be several times its history. So an `Event` is a
small fact that names outputs, and a reader makes agno's objects of it (`agno_bridge.events`). What agents and teams say
themselves is not here at all: it is part of their step's result, and one fact stands for as many numbers as there are.

Events are numbered from 0 without gaps, so that a reader can join late, or again from any number.
"""

from __future__ import annotations

from dataclasses import dataclass

from agno_temporal.contract.outputs import Output
from agno_temporal.hitl import Requirement

EXECUTOR = "(executor)"
"""The kind of a fact that stands for the events of an agent, a team or a generator function."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, or `count` of an executor's.

    Attributes:
        index: Its number, or the first of its numbers.
        kind: agno's name for it (`WorkflowRunEvent`), or `EXECUTOR`.
        at: Seconds since the epoch.
        run: The id of the nested run it happened in; empty for the run itself.
        step_index: The step's place. agno shows a single number as a number, and more as a tuple.
        output: What the step returned.
        outputs: What a container's steps returned; `lengths` tells a loop's iterations apart.
        text: An error, a reason, a branch.
        number, limit: An iteration, or how many steps ran; and how many there may be.
        flag: Whether a loop goes on, or what a condition was.
        names: What a router selected.
        requirement_id: What is asked.
        activity_id: Of a step that starts or is done, and of its executor's events, which are in that activity's
            result; `attempt` is the attempt that said them.
    """

    index: int
    kind: str
    at: float
    count: int = 1
    run: str = ""
    path: str = ""
    step_name: str | None = None
    step_id: str | None = None
    step_index: tuple[int, ...] | None = None
    parent_step_id: str | None = None
    output: Output | None = None
    outputs: tuple[Output, ...] = ()
    lengths: tuple[int, ...] = ()
    text: str | None = None
    number: int | None = None
    limit: int | None = None
    flag: bool | None = None
    names: tuple[str | None, ...] = ()
    requirement_id: str | None = None
    activity_id: str | None = None
    attempt: int = 0

    @property
    def end(self) -> int:
        """The number after its last one."""
        return self.index + self.count


@dataclass(frozen=True, slots=True)
class EventRun:
    """A run that events happen in: the run itself, with an empty id, or a nested one.

    Attributes:
        depth: How many workflows are around it.
        host_step_id: The step that it runs in.
    """

    id: str
    workflow_id: str
    workflow_name: str | None
    depth: int = 0
    host_step_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvents:
    """The events that are stored with the run (agno's `store_events`).

    Attributes:
        streamed: The run was started as a stream; with `stream_events`, of all of agno's events.
        skipped: agno's `events_to_skip`.
    """

    events: tuple[Event, ...] = ()
    runs: tuple[EventRun, ...] = ()
    streamed: bool = False
    stream_events: bool = False
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventsAsked:
    """The question: events after this number, about so many."""

    after: int = -1
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class EventPage:
    """The answer.

    Attributes:
        runs: The runs that these events happened in.
        requirements: What these events ask.
        total: The number after the last event that may be seen now.
        settled: Only a decision, a timer or a cancel can move the run.
        ended: There will be no more events.
        heard_all: The run was started as a stream of all of agno's events.
    """

    run_id: str = ""
    session_id: str = ""
    events: tuple[Event, ...] = ()
    runs: tuple[EventRun, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    total: int = 0
    settled: bool = False
    ended: bool = False
    heard_all: bool = False
    user_id: str | None = None

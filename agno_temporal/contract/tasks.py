"""Arguments and results of the activities.

Fields may be added with a default; none is renamed or removed. Arguments are not compared on replay, so what a later
version adds to a task reaches old runs too; results are read by every version that follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from agno_temporal.contract.notices import Audience
from agno_temporal.contract.outputs import InputSource, Leaf, Output, RunInput
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import PausedExecutor, ToolAnswer, ToolQuestion
from agno_temporal.plan import Plan
from agno_temporal.plan.data import Json, WrittenOnce

RUN_INPUT = RunInput()

LISTED_AGAIN: Final = 32
"""So many earlier outputs each task lists itself, for its worker may not have seen the tasks before it. From there on
it may leave those to a task that has listed as many."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Compile the workflow, and make the run known; or leave that to the writing of its end, where it is cancelled.

    `is_new` says that the run has not begun before, as one has that was reset to its first task. `taken_at` is when
    Temporal took its start, and `started_at` when a worker first had it, and has it again where that task was lost.
    """

    workflow: str
    run_id: str
    request: RunRequest
    started_at: float
    cancelled: bool = False
    is_new: bool = False
    taken_at: float | None = None


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """What a run is from its first moment on: its plan, its session, and the state it starts with.

    `problem` says why it could not be opened: it is data and not an exception, because a local activity's failures look
    different live and on replay. `final` says that trying again is of no use. `audience` is whom the run tells of
    itself. After about `continue_after` events it goes on in a new Temporal run; 0 is "never", as it was before that
    could be. `counted` says that it counts these itself, and not by the length of its history, as it did before.
    """

    plan: Plan | None = None
    session_id: str = ""
    user_id: str | None = None
    session_state: Json = None
    metadata: Json = None
    problem: str | None = None
    problem_type: str | None = None
    final: bool = False
    audience: Audience | None = None
    continue_after: int = 0
    counted: bool = False


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What every step of a run is given.

    Attributes:
        run_id, workflow_id: Left out: an activity is told them by Temporal (`activities.whole`).
        session_id: Left out where it is the one that follows from the run's id.
        plan_digest: Of the digest of the plan that the run follows, as much as tells it from others.
        request: None where it is large: then the run's first event has it.
    """

    run_id: str = ""
    workflow_id: str = ""
    session_id: str = ""
    plan_digest: str = ""
    user_id: str | None = None
    metadata: Json = None
    request: RunRequest | None = None


@dataclass(frozen=True, slots=True)
class Named(WrittenOnce):
    """An earlier output under the name that later steps ask for it by. agno keys an unnamed step by None."""

    name: str | None
    output: Output


@dataclass(frozen=True, slots=True)
class Listed:
    """The earlier outputs that another task of this Temporal run has listed: that of which step, and how many."""

    activity_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Flow:
    """agno's `StepInput`, with outputs in place of contents.

    Attributes:
        input: What the step's `input` is.
        previous: The earlier outputs, by name, in order. The content of the last is `previous_step_content`: as it
            stands for a callable of a container, the deepest one below it for a step (agno/workflow/step.py:1117).
        media: The outputs whose media follow those of the run's input. Their bodies are never inline here.
        with_additional_data: Whether the run's `additional_data` is passed on (not into nested workflows).
        listed: Where those stand that are not in `previous`, in a task that names many.
    """

    input: InputSource = RUN_INPUT
    previous: tuple[Named, ...] = ()
    media: tuple[Output, ...] = ()
    with_additional_data: bool = True
    listed: Listed | None = None

    def behind(self, earlier: tuple[Named, ...]) -> Flow:
        """The flow with what was `listed`, which stands before it but for names that it has itself."""
        own = {named.name for named in self.previous}
        kept = (named for named in earlier if named.name not in own)
        return replace(self, previous=(*kept, *self.previous), listed=None)


@dataclass(frozen=True, slots=True)
class Extras:
    """What a human decided, for the step that runs next (agno/workflow/step.py:1251-1272)."""

    user_input: Json = None
    previous_output: Output | None = None
    rejection_feedback: str | None = None


@dataclass(frozen=True, slots=True)
class EndCheck:
    """A loop's end condition, asked by the activity of its iteration's last step, where it costs no event."""

    loop_path: str
    iteration: int
    max_iterations: int
    earlier: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class StepTask:
    """Run one leaf.

    Attributes:
        stream: Run its executor as agno streams it, and keep its events; all of them with `stream_events`, and only the
            last of each run with `ends_only`.
        failures: How often its own code has failed in a local attempt before.
    """

    facts: RunFacts
    path: str
    name: str | None
    occurrence: int
    flow: Flow
    max_retries: int = 3
    state: Json = None
    extras: Extras | None = None
    end_check: EndCheck | None = None
    stream: bool = False
    stream_events: bool = False
    ends_only: bool = False
    failures: int = 0


@dataclass(frozen=True, slots=True)
class ContinueTask:
    """Let the paused agent or team of a leaf go on.

    Attributes:
        paused: The output whose body holds the paused run.
        answers: The answers to its tool calls, by the id of the call.
        contents: Calls that are answered with the content of an output: those of a workflow's agent.
        nested: Whether the step is in a nested workflow, which gets none of the run's dependencies.
        stream, stream_events, ends_only: As for `StepTask`.
    """

    facts: RunFacts
    path: str
    name: str | None
    paused: Leaf
    answers: dict[str, ToolAnswer]
    max_retries: int = 3
    nested: bool = False
    state: Json = None
    end_check: EndCheck | None = None
    contents: dict[str, Output] | None = None
    stream: bool = False
    stream_events: bool = False
    ends_only: bool = False


@dataclass(frozen=True, slots=True)
class ExecutorPause:
    """An agent or a team waits for a human. Its run is in the body of the result."""

    executor: PausedExecutor
    tools: tuple[ToolQuestion, ...]


@dataclass(frozen=True, slots=True)
class StateChange:
    """What a step did to the session state, by top-level key. None for "nothing"."""

    set: dict[str, Json]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a leaf did.

    Attributes:
        body: The output (agno's `StepOutput` and the executor's run) as JSON: see `agno_bridge.step_bodies`.
        digest, size: Of the body, as canonical JSON.
        ends_loop: What the end condition said, where one was asked.
        events: What its executor said of itself, one after the other: see `agno_bridge.executor_events`; `attempt` is
            Temporal's number for the attempt that said it.
        pause: Set where the executor is not done: what it asks before it goes on.
    """

    body: Json
    digest: str
    size: int
    success: bool = True
    stop: bool = False
    media: bool = False
    error: str | None = None
    change: StateChange | None = None
    ends_loop: bool | None = None
    events: Json = None
    attempt: int = 0
    pause: ExecutorPause | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What the local attempt at a quick step gave: its result, or what its own code raised. Neither: ask a regular
    activity, which has it or does it again."""

    result: StepResult | None = None
    error: str | None = None
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluateTask:
    """Ask one of a node's callables: ``evaluator``, ``selector``, ``end_condition`` or ``review``; or, as ``input``,
    whether that fits a nested workflow's schema.

    `extras` is what a human decided for the node around it, which its callables see as its steps do.
    """

    facts: RunFacts
    path: str
    name: str | None
    what: str
    flow: Flow
    state: Json = None
    outputs: tuple[Output, ...] = ()
    iteration: int = 0
    max_iterations: int = 0
    extras: Extras | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What it answered: `value` of a predicate, `selected` indices of a router's choices.

    `error` is set where it raised; the caller decides what that means. `later` is a local activity's answer to what
    takes more than milliseconds: ask a regular activity.
    """

    value: bool = False
    selected: tuple[int, ...] = ()
    change: StateChange | None = None
    error: str | None = None
    error_type: str | None = None
    later: bool = False


@dataclass(frozen=True, slots=True)
class EventTimeTask:
    """When were these signals of the run written? By their place among the run's signals, from 1."""

    ordinals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventTimes:
    """Seconds since the epoch, in the order asked; None for a signal that the history does not have."""

    times: tuple[float | None, ...]

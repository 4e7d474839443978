"""The nodes of a plan, one frozen class for each of agno's primitives.

Names and defaults are agno's (agno/workflow/types.py:65-110). A callable cannot be data, so a node only marks that it
has one (`Call`); the worker finds it again by the node's path, and checks the node's name before it calls it.

A path is where a node stands: ``2`` is the third top-level step, ``2/loop/0`` the first step of the loop there. The
word after the index is the container's branch, so that a Condition's two branches differ (``1/if/0``, ``1/else/0``).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from agno_temporal.plan.data import Json


class ExecutorKind(enum.Enum):
    """What runs a leaf step (agno's `Step.executor_type`)."""

    FUNCTION = "function"
    AGENT = "agent"
    TEAM = "team"
    WORKFLOW_FUNCTION = "workflow_function"
    """A function in the place of a workflow's steps. It is the only node there."""


class Call(enum.Enum):
    """What stands where agno takes a value, a callable or a CEL expression."""

    NONE = "none"
    ALWAYS = "always"
    """The literal True: of a review, "always ask"; of an evaluator, "the if branch"."""
    NEVER = "never"
    """The literal False."""
    FUNCTION = "function"
    CEL = "cel"


@dataclass(frozen=True, slots=True)
class InputField:
    """One field of a user-input form (agno's `UserInputField`).

    `value` is the default that a form shows: it never counts as answered.
    """

    name: str
    field_type: str = "str"
    description: str | None = None
    value: Json = None
    required: bool = True
    allowed_values: tuple[Json, ...] | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """agno's `HumanReview` as data. `timeout` is in seconds; None is no deadline."""

    requires_confirmation: bool = False
    confirmation_message: str | None = None
    requires_user_input: bool = False
    user_input_message: str | None = None
    user_input_schema: tuple[InputField, ...] | None = None
    output_review: Call = Call.NONE
    output_review_message: str | None = None
    on_reject: str = "skip"
    on_error: str = "skip"
    max_retries: int | None = 3
    timeout: float | None = None
    on_timeout: str = "cancel"
    iteration_review: bool = False
    iteration_review_message: str | None = None
    allow_multiple_selections: bool = False


NO_REVIEW = Review()


@dataclass(frozen=True, slots=True)
class StepOptions:
    """How Temporal runs a step. All durations are seconds; None takes the default of the next wider scope.

    Attributes:
        start_to_close_timeout: The longest one attempt may take before it is tried again.
        heartbeat_timeout: A worker that is silent for so long is taken for dead, and the step is tried elsewhere.
        retry_initial_interval: The pause before the first retry.
        retry_backoff: Each pause is this much longer than the one before.
        retry_maximum_interval: The longest pause between two attempts. Of it and the first pause, the one that is not
            given follows the other, where its default would contradict it.
        task_queue: A queue of workers of its own for the step.
        quick: The function certainly takes milliseconds, so that it is run within the run's workflow task: one event
            instead of six. Until that task is recorded it may run again, and the quick steps before it with it.
    """

    start_to_close_timeout: float | None = None
    heartbeat_timeout: float | None = None
    retry_initial_interval: float | None = None
    retry_backoff: float | None = None
    retry_maximum_interval: float | None = None
    task_queue: str | None = None
    quick: bool | None = None


NO_OPTIONS = StepOptions()


@dataclass(frozen=True, slots=True)
class StepNode:
    """A leaf: one function, agent or team, run as one activity."""

    KIND: ClassVar[str] = "step"
    path: str
    name: str | None
    step_id: str
    executor: ExecutorKind
    executor_name: str | None = None
    max_retries: int = 3
    skip_on_failure: bool = False
    review: Review = NO_REVIEW
    options: StepOptions = NO_OPTIONS


@dataclass(frozen=True, slots=True)
class WorkflowNode:
    """A nested workflow, run inline: its steps are a subtree of the same plan, so that its pauses are the run's.

    `session_state` is its own default state, and `metadata` its own metadata, encoded. `checks_input` says that it has
    a schema, which its input is held against before anything in it runs or asks.
    """

    KIND: ClassVar[str] = "workflow"
    path: str
    name: str | None
    step_id: str
    workflow_id: str
    workflow_name: str | None
    steps: tuple[Node, ...]
    session_state: Json = None
    skip_on_failure: bool = False
    review: Review = NO_REVIEW
    metadata: Json = None
    stream_executor_events: bool = True
    checks_input: bool = False


@dataclass(frozen=True, slots=True)
class StepsNode:
    """A named sequence."""

    KIND: ClassVar[str] = "steps"
    path: str
    name: str | None
    step_id: str
    steps: tuple[Node, ...]
    review: Review = NO_REVIEW


@dataclass(frozen=True, slots=True)
class LoopNode:
    """A sequence that is repeated at most `max_iterations` times."""

    KIND: ClassVar[str] = "loop"
    path: str
    name: str | None
    step_id: str
    steps: tuple[Node, ...]
    max_iterations: int = 3
    end_condition: Call = Call.NONE
    forward_iteration_output: bool = False
    review: Review = NO_REVIEW


@dataclass(frozen=True, slots=True)
class ConditionNode:
    """One of two sequences."""

    KIND: ClassVar[str] = "condition"
    path: str
    name: str | None
    step_id: str
    steps: tuple[Node, ...]
    else_steps: tuple[Node, ...] = ()
    evaluator: Call = Call.ALWAYS
    on_error: str = "skip"
    review: Review = NO_REVIEW


@dataclass(frozen=True, slots=True)
class RouterNode:
    """A sequence that a selector picks from `choices`."""

    KIND: ClassVar[str] = "router"
    path: str
    name: str | None
    step_id: str
    choices: tuple[Node, ...]
    selector: Call = Call.NONE
    review: Review = NO_REVIEW


@dataclass(frozen=True, slots=True)
class ParallelNode:
    """Branches that run at the same time."""

    KIND: ClassVar[str] = "parallel"
    path: str
    name: str | None
    step_id: str
    steps: tuple[Node, ...]


GatedNode: TypeAlias = StepNode | WorkflowNode | StepsNode | LoopNode | ConditionNode | RouterNode
"""What can ask a human. A Parallel cannot, in agno (agno/workflow/types.py:226); what is in it can."""

Node: TypeAlias = GatedNode | ParallelNode


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole workflow as data.

    `digest` is the SHA-256 of everything below it: the same definition gives the same digest in every process, and a
    worker keeps one plan in memory for all runs that share it. `agent` is the agent that decides whether the steps run;
    it stands in front of them, and is none.
    """

    workflow_id: str
    workflow_name: str | None
    steps: tuple[Node, ...]
    digest: str = ""
    has_db: bool = False
    store_executor_outputs: bool = True
    stream_executor_events: bool = True
    store_events: bool = False
    events_to_skip: tuple[str, ...] = ()
    agent: StepNode | None = None


def is_function(steps: tuple[Node, ...]) -> bool:
    """Whether a function stands in the place of a workflow's steps: what it returns is the content, of no step."""
    return any(isinstance(node, StepNode) and node.executor is ExecutorKind.WORKFLOW_FUNCTION for node in steps)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, a Condition's else branch last."""
    match node:
        case StepNode():
            return ()
        case ConditionNode():
            return node.steps + node.else_steps
        case RouterNode():
            return node.choices
        case _:
            return node.steps


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Every node of the tree, parents before children, in the order in which they are written."""
    for node in nodes:
        yield node
        yield from walk(children(node))

"""What a worker needs beside the plan: the live objects, by the paths of the nodes that they stand behind.

A plan outlives the code, so that it holds no object; and agno's objects carry settings that Temporal replaces. So what
stands here are shallow copies: their retries are off and their ids are the plan's, while the user's own objects stay as
they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeAlias

from agno.workflow import Condition, Loop, Router, Step, Workflow

from agno_temporal.plan import Plan


@dataclass(frozen=True)
class LiveStep:
    """A leaf, or the Step around a nested workflow, whose predicate and message are needed.

    Attributes:
        step: A copy with the plan's step id, that tries once and raises.
        owner: The innermost workflow that it belongs to.
        function: The function that is the whole of `owner` (`workflow_function`); the step then only bears its name.
        is_workflow_agent: It is no step but the agent in front of `owner` (`workflow_agent`).
        asks: Set once its function has asked for the session's history (`session_history`).
    """

    step: Step
    owner: Workflow
    function: Callable[..., Any] | None = None
    is_workflow_agent: bool = False
    asks: Event = field(default_factory=Event, compare=False)


@dataclass(frozen=True)
class LiveLoop:
    """A copy of the Loop, for its `end_condition`."""

    loop: Loop
    owner: Workflow


@dataclass(frozen=True)
class LiveCondition:
    """A copy of the Condition, for its `evaluator`."""

    condition: Condition
    owner: Workflow


@dataclass(frozen=True)
class LiveRouter:
    """A copy of the Router, prepared as agno does before it routes (agno/workflow/router.py:357-380).

    Its `steps` are the user's own objects wherever the user passed Steps or containers, because a selector may return
    one of them; the plan's choices stand in the same order.
    """

    router: Router
    owner: Workflow

    def index_of(self, choice: Any) -> int | None:
        """Which choice of the plan an object of `router.steps` is. None for any other: it is in no plan."""
        return next((index for index, step in enumerate(self.router.steps) if step is choice), None)


LiveNode: TypeAlias = LiveStep | LiveLoop | LiveCondition | LiveRouter


@dataclass(frozen=True)
class Compiled:
    """A workflow, ready to be run: the plan for the history, the live objects for the worker.

    Attributes:
        workflow: The user's own object.
        live: By path. Steps and Parallel have nothing live, and stand only in the plan.
    """

    plan: Plan
    workflow: Workflow
    live: Mapping[str, LiveNode]

"""The walk through a live workflow: each of its steps as a node of the plan, by its place.

Every fault is told, and the walk goes on behind it (`refusals`): who mends a workflow wants to hear all of it at once.
The live objects are copied where they are changed, since they are the user's, and run elsewhere too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow

from agno_temporal.agno_bridge import checks
from agno_temporal.agno_bridge.callables import evaluator_call, optional_call, refuse_placeholder
from agno_temporal.agno_bridge.live import LiveCondition, LiveLoop, LiveNode, LiveRouter, LiveStep
from agno_temporal.agno_bridge.primitives import (
    Primitive,
    as_agno_takes_it,
    as_primitive,
    list_of_steps,
    refuse_subclass,
    refuse_workflow_settings,
    why_no_step,
    workflow_id_of,
    workflow_steps,
)
from agno_temporal.agno_bridge.refusals import NOT_YET, Problems, Report, shown
from agno_temporal.agno_bridge.review_rules import (
    refuse_dropped_gates,
    refuse_empty_approval,
    refuse_route_faults,
    review_of,
)
from agno_temporal.agno_bridge.session_state import encode_state
from agno_temporal.agno_bridge.step_ids import StepIds
from agno_temporal.agno_bridge.tool_rules import impossible_tools
from agno_temporal.agno_bridge.values import NotSerialisable, encode
from agno_temporal.agno_bridge.workflow_agent import workflow_agent
from agno_temporal.agno_bridge.workflow_function import workflow_function
from agno_temporal.plan import (
    ConditionNode,
    ExecutorKind,
    LoopNode,
    Node,
    ParallelNode,
    Review,
    RouterNode,
    StepNode,
    StepsNode,
    WorkflowNode,
)
from agno_temporal.plan.data import Json

AGENT_PATH = "agent"
"""Where the agent in front of a workflow stands. Persisted data."""

MAX_NESTING = 10
"""Workflows below the root, as in agno (agno/workflow/step.py:114)."""

_AGNO_MAX_RETRIES = 3
"""agno's default (agno/workflow/step.py:237)."""


class Walk:
    """The walk. `within` is the way down to a node: the workflows and containers around it, outermost first."""

    def __init__(self, root_id: str, problems: Problems) -> None:
        self.live: dict[str, LiveNode] = {}
        self._ids = StepIds(root_id)
        self._problems = problems

    def steps_of(
        self, workflow: Workflow, prefix: str, within: tuple[object, ...], report: Report, retries: int = 0
    ) -> tuple[Node, ...]:
        """
        Args:
            retries: Those of a function that is the whole workflow.
        """
        refuse_workflow_settings(workflow, report)
        function = workflow_function(workflow, self._ids.at(f"{prefix}0"), report)
        if function is not None:
            return (self._in_front(f"{prefix}0", function, ExecutorKind.WORKFLOW_FUNCTION, retries),)
        return self._nodes(workflow_steps(workflow, report), prefix, (*within, workflow))

    def agent_of(self, workflow: Workflow, report: Report) -> StepNode | None:
        """The agent in front of the whole workflow."""
        if workflow.agent is None:
            return None
        live = workflow_agent(workflow, self._ids.at(AGENT_PATH), report)
        return None if live is None else self._in_front(AGENT_PATH, live, ExecutorKind.AGENT, 0)

    def _nodes(self, entries: Sequence[Any], prefix: str, within: tuple[object, ...]) -> tuple[Node, ...]:
        nodes = []
        for index, entry in enumerate(entries):
            path = f"{prefix}{index}"
            unnamed = f"step_{index + 1}" if isinstance(within[-1], Workflow) else None
            primitive = as_primitive(entry, unnamed, self._problems.at(path))
            if primitive is not None and (node := self._node(path, primitive, within)):
                nodes.append(node)
        return tuple(nodes)

    def _node(self, path: str, primitive: Primitive, within: tuple[object, ...]) -> Node | None:
        report = self._problems.at(path, primitive.name)
        checks.text("name", primitive.name, report)
        refuse_subclass(primitive, isinstance(within[-1], Workflow), report)
        if any(outer is primitive for outer in within):
            report("it contains itself. Use a Loop to repeat steps.")
            return None
        match primitive:
            case Step(workflow=None):
                return self._leaf(path, primitive, within, report)
            case Step():
                return self._nested(path, primitive, within, report)
            case Steps():
                review = review_of("Steps", primitive.human_review, report)
                children = self._children(path, "steps", primitive, within)
                return StepsNode(path, primitive.name, self._ids.at(path), children, review)
            case Parallel():
                review_of("Parallel", primitive.human_review, report)
                children = self._children(path, "parallel", primitive, within)
                return ParallelNode(path, primitive.name, self._ids.at(path), children)
            case Loop():
                return self._loop(path, primitive, within, report)
            case Condition():
                return self._condition(path, primitive, within, report)
            case Router():
                return self._router(path, primitive, within, report)

    def _leaf(self, path: str, step: Step, within: tuple[object, ...], report: Report) -> StepNode:
        tools_may_ask = step.executor_type in ("agent", "team")
        review = review_of("Step", step.human_review, report, tools_may_ask=tools_may_ask)
        refuse_empty_approval(review, step.human_review, report)
        refuse_dropped_gates(step.executor, review, report)
        node = StepNode(
            path,
            step.name,
            self._ids.chosen(path, checks.text("step_id", step.step_id, report)),
            executor=_executor_kind(step, report),
            executor_name=step.executor_name,
            max_retries=checks.count("Step.max_retries", step.max_retries, report),
            skip_on_failure=checks.flag("skip_on_failure", step.skip_on_failure, report),
            review=review,
        )
        for fault in impossible_tools(step.active_executor):
            report(f"{fault}, and agno takes one answer for a call. Leave one of them.")
        self.live[path] = LiveStep(_single_attempt(step, node.step_id), _owner(within))
        return node

    def _in_front(self, path: str, live: LiveStep, kind: ExecutorKind, retries: int) -> StepNode:
        """What stands for a workflow, or in front of its steps. It has no policy: where it fails, its workflow does."""
        self.live[path] = live
        return StepNode(
            path,
            live.step.name,
            live.step.step_id or "",
            executor=kind,
            executor_name=live.step.executor_name,
            max_retries=retries,
            review=Review(on_error="fail"),
        )

    def _nested(self, path: str, step: Step, within: tuple[object, ...], report: Report) -> WorkflowNode | None:
        workflow: Any = step.workflow
        if not isinstance(workflow, Workflow):
            report(why_no_step(workflow))
            return None
        if any(outer is workflow for outer in within):
            report(f"workflow {shown(workflow.name)} contains itself. Use a Loop to repeat steps.")
            return None
        if workflow.agent is not None:
            report(f"agent=... of a nested workflow {NOT_YET}. Leave it out, and decide with a Router what runs.")
        if sum(isinstance(outer, Workflow) for outer in within) > MAX_NESTING:
            report(
                f"workflows are nested more than {MAX_NESTING} deep, which is agno's limit. Use Steps to group steps."
            )
            return None
        if step.max_retries not in (0, _AGNO_MAX_RETRIES) and not callable(workflow.steps):
            report(
                f"max_retries={shown(step.max_retries)} on a nested workflow would run all of it again; "
                "here each of its steps is tried again by itself. Set max_retries on those steps."
            )
        step_id = self._ids.chosen(path, checks.text("step_id", step.step_id, report))
        retries = checks.count("Step.max_retries", step.max_retries, report)
        review = review_of("Step", step.human_review, report)
        refuse_empty_approval(review, step.human_review, report)
        node = WorkflowNode(
            path,
            step.name,
            step_id,
            workflow_id=workflow_id_of(workflow) or self._ids.at(f"{path}/workflow"),
            workflow_name=workflow.name,
            steps=self.steps_of(workflow, f"{path}/workflow/", within, report, retries),
            session_state=_default_state(workflow, report),
            metadata=_metadata(workflow, report),
            skip_on_failure=checks.flag("skip_on_failure", step.skip_on_failure, report),
            review=review,
            stream_executor_events=bool(workflow.stream_executor_events),
            checks_input=workflow.input_schema is not None,
        )
        self.live[path] = LiveStep(_single_attempt(step, step_id), _owner(within))
        return node

    def _loop(self, path: str, loop: Loop, within: tuple[object, ...], report: Report) -> LoopNode:
        self.live[path] = LiveLoop(copy.copy(loop), _owner(within))
        return LoopNode(
            path,
            loop.name,
            self._ids.at(path),
            max_iterations=checks.count("max_iterations", loop.max_iterations, report),
            end_condition=optional_call("end_condition", loop.end_condition, report),
            forward_iteration_output=checks.flag("forward_iteration_output", loop.forward_iteration_output, report),
            steps=self._children(path, "loop", loop, within),
            review=review_of("Loop", loop.human_review, report),
        )

    def _condition(self, path: str, condition: Condition, within: tuple[object, ...], report: Report) -> ConditionNode:
        review = review_of("Condition", condition.human_review, report)
        self.live[path] = LiveCondition(copy.copy(condition), _owner(within))
        else_steps = list_of_steps("else_steps", condition.else_steps or [], report)
        return ConditionNode(
            path,
            condition.name,
            self._ids.at(path),
            evaluator=evaluator_call(condition.evaluator, report),
            on_error=review.on_error,
            review=review,
            steps=self._children(path, "if", condition, within),
            else_steps=self._nodes(else_steps, f"{path}/else/", (*within, condition)),
        )

    def _router(self, path: str, router: Router, within: tuple[object, ...], report: Report) -> RouterNode:
        review = review_of("Router", router.human_review, report)
        prepared: list[Primitive] = []
        nodes: list[Node] = []
        for index, entry in enumerate(list_of_steps("choices", router.choices, report)):
            choice_path = f"{path}/router/{index}"
            choice = self._choice(choice_path, index, entry)
            if choice is not None and (node := self._node(choice_path, choice, (*within, router))):
                prepared.append(choice)
                nodes.append(node)
        live: Any = copy.copy(router)
        live.choices = prepared
        live._prepare_steps()
        self.live[path] = LiveRouter(live, _owner(within))
        selector = optional_call("selector", router.selector, report)
        refuse_route_faults(review, [node.name for node in nodes], router.selector is not None, report)
        return RouterNode(path, router.name, self._ids.at(path), choices=tuple(nodes), selector=selector, review=review)

    def _choice(self, path: str, index: int, entry: Any) -> Primitive | None:
        """One of a Router's choices; here, and only here, a list stands for Steps (agno/workflow/router.py:363-371)."""
        if not isinstance(entry, list):
            return as_primitive(entry, None, self._problems.at(path))
        steps = [as_primitive(item, None, self._problems.at(f"{path}/steps/{i}")) for i, item in enumerate(entry)]
        return Steps(name=f"steps_group_{index}", steps=[step for step in steps if step is not None])

    def _children(self, path: str, branch: str, container: Any, within: tuple[object, ...]) -> tuple[Node, ...]:
        entries = list_of_steps("steps", container.steps, self._problems.at(path, container.name))
        return self._nodes(entries, f"{path}/{branch}/", (*within, container))


def _owner(within: tuple[object, ...]) -> Workflow:
    return as_agno_takes_it(next(outer for outer in reversed(within) if isinstance(outer, Workflow)))


def _default_state(workflow: Workflow, report: Report) -> Json:
    """A nested workflow's own default state, which it adds to the run's (agno/workflow/workflow.py:2498)."""
    try:
        return encode_state(workflow.session_state or {}) or None
    except NotSerialisable as error:
        report(str(error))
        return None


def _metadata(workflow: Workflow, report: Report) -> Json:
    """A nested workflow's own metadata, with which its run is shown: it gets none of the run's."""
    try:
        return encode(workflow.metadata, "metadata")
    except NotSerialisable as error:
        report(str(error))
        return None


def _single_attempt(step: Step, step_id: str) -> Step:
    """A copy that tries once and raises: what follows an exception is decided in the Temporal workflow."""
    live = copy.copy(step)
    live.step_id, live.max_retries, live.skip_on_failure = step_id, 0, False
    return live


def _executor_kind(step: Any, report: Report) -> ExecutorKind:
    kind = ExecutorKind(step.executor_type)
    runs: Callable[..., Any] | None = step.executor
    if kind is not ExecutorKind.FUNCTION:
        runs = getattr(step.active_executor, "arun", None)
    if not callable(runs):
        report(f"{shown(step.active_executor)} cannot be run. Pass executor=<function>, agent=<Agent> or team=<Team>.")
    refuse_placeholder("executor", step.executor, report)
    return kind

"""What is told of a container: that it begins, what it decided, and what came of it.

The words and numbers are agno's, down to their quirks: an empty Steps never completes, a Parallel that stops its
workflow is never told to be completed, since the workflow looks away at its output (agno/workflow/workflow.py:4548),
and a loop whose last iteration has run says that it would go on.
"""

from __future__ import annotations

from collections.abc import Sequence

from agno_temporal.contract.outputs import Group, Output
from agno_temporal.plan import ConditionNode, LoopNode, ParallelNode, RouterNode, StepsNode, WorkflowNode
from agno_temporal.workflows.events import EventLog
from agno_temporal.workflows.step_events import tell_completed


def steps_started(log: EventLog, node: StepsNode) -> None:
    log.add_of(node.path, "StepsExecutionStarted", limit=len(node.steps))


def steps_completed(log: EventLog, node: StepsNode, outputs: Sequence[Output]) -> None:
    facts = {"limit": len(node.steps), "number": len(outputs), "outputs": tuple(outputs)}
    log.add_of(node.path, "StepsExecutionCompleted", **facts)


def loop_started(log: EventLog, node: LoopNode) -> None:
    log.add_of(node.path, "LoopExecutionStarted", limit=node.max_iterations)


def iteration_started(log: EventLog, node: LoopNode, iteration: int) -> None:
    log.add_of(node.path, "LoopIterationStarted", number=iteration, limit=node.max_iterations)


def iteration_completed(
    log: EventLog, node: LoopNode, iteration: int, outputs: Sequence[Output], goes_on: bool
) -> None:
    facts = {"number": iteration, "limit": node.max_iterations, "outputs": tuple(outputs), "flag": goes_on}
    log.add_of(node.path, "LoopIterationCompleted", **facts)


def loop_completed(log: EventLog, node: LoopNode, outputs: Sequence[Output], lengths: Sequence[int]) -> None:
    facts = {"number": len(lengths), "limit": node.max_iterations, "outputs": tuple(outputs), "lengths": tuple(lengths)}
    log.add_of(node.path, "LoopExecutionCompleted", **facts)


def condition_started(log: EventLog, node: ConditionNode, met: bool) -> None:
    log.add_of(node.path, "ConditionExecutionStarted", flag=met)


def condition_completed(
    log: EventLog, node: ConditionNode, met: bool, steps: int, branch: str | None, outputs: Sequence[Output]
) -> None:
    facts = {"flag": met, "number": steps, "outputs": tuple(outputs), "text": branch}
    log.add_of(node.path, "ConditionExecutionCompleted", **facts)


def router_started(log: EventLog, node: RouterNode, selected: tuple[int, ...]) -> None:
    log.add_of(node.path, "RouterExecutionStarted", names=_names(node, selected))


def router_completed(log: EventLog, node: RouterNode, selected: tuple[int, ...], outputs: Sequence[Output]) -> None:
    facts = {"names": _names(node, selected), "number": len(selected), "outputs": tuple(outputs)}
    log.add_of(node.path, "RouterExecutionCompleted", **facts)


def parallel_started(log: EventLog, node: ParallelNode) -> None:
    log.add_of(node.path, "ParallelExecutionStarted", limit=len(node.steps))


def parallel_completed(log: EventLog, node: ParallelNode, top: bool, output: Group) -> None:
    if not (top and output.stop):
        log.add_of(node.path, "ParallelExecutionCompleted", limit=len(node.steps), outputs=output.steps)


def nested_started(log: EventLog, node: WorkflowNode, run_id: str) -> None:
    """A nested workflow is a step around a workflow, and both are told."""
    log.add_of(node.path, "StepStarted")
    log.begin_nested(node, run_id)


def nested_failed(log: EventLog, node: WorkflowNode, error: str) -> None:
    log.add("WorkflowError", inside=node.path, text=error)


def nested_completed(log: EventLog, node: WorkflowNode, top: bool, output: Group) -> None:
    log.add("WorkflowCompleted", inside=node.path, output=output)
    tell_completed(log, node, top, output)


def _names(node: RouterNode, selected: tuple[int, ...]) -> tuple[str | None, ...]:
    return tuple(node.choices[index].name for index in selected)

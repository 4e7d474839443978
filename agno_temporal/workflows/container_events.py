"""What is told of a container: that it begins, what it decided, and what came of it.

The words and numbers are agno's, down to their quirks: an empty Steps never completes, a Parallel that stops its
workflow is never told to be completed, since the workflow looks away at its output (agno/workflow/workflow.py:4548),
and a loop whose last iteration has run says that it would go on.
"""

from __future__ import annotations

from collections.abc import Sequence

from agno_temporal.contract.outputs import Output
from agno_temporal.plan import ConditionNode, LoopNode, ParallelNode, RouterNode, StepsNode
from agno_temporal.workflows.events import EventLog


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


def loop_completed(log: EventLog, node: LoopNode, iterations: Sequence[Sequence[Output]]) -> None:
    outputs = tuple(output for iteration in iterations for output in iteration)
    lengths = tuple(len(iteration) for iteration in iterations)
    facts = {"number": len(lengths), "limit": node.max_iterations, "outputs": outputs, "lengths": lengths}
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


def parallel_completed(log: EventLog, node: ParallelNode, top: bool, output: Output, outputs: Sequence[Output]) -> None:
    if not (top and output.stop):
        log.add_of(node.path, "ParallelExecutionCompleted", limit=len(node.steps), outputs=tuple(outputs))


def _names(node: RouterNode, selected: tuple[int, ...]) -> tuple[str | None, ...]:
    return tuple(node.choices[index].name for index in selected)

"""Condition: one of two sequences (agno/workflow/condition.py:929).

Whoever confirms a condition takes its if branch, whatever the evaluator would say: that is what agno documents and asks
("yes=if branch"), and not what it does (docs/differences.md, D61).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agno_temporal.contract.outputs import Group, Output
from agno_temporal.plan import Call, ConditionNode
from agno_temporal.workflows import calls
from agno_temporal.workflows.admission import admitted
from agno_temporal.workflows.container_events import condition_completed, condition_started
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.rescue import guard_of, rescued
from agno_temporal.workflows.sequence import run_chain, run_tolerant_chain

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


async def run_condition(walk: Interpreter, node: ConditionNode, frame: Frame) -> Output:
    admission = await admitted(walk, node, frame)
    met = admission.confirmed and not admission.takes_else
    if not admission.confirmed:
        met = await rescued(walk, node, guard_of(node, frame), frame, lambda: _is_met(walk, node, frame))
    log = walk.state.events
    condition_started(log, node, met)
    if not met and not node.else_steps:
        walk.skip(node.steps)
        condition_completed(log, node, met, 0, None, ())
        why = "rejected - skipped (no else branch)"
        if not admission.takes_else:
            why = f"not met - skipped {len(node.steps)} steps"
        return Group(node.name, node.step_id, "Condition", content=f"Condition {node.name} {why}", ran=False)
    taken, other = (node.steps, node.else_steps) if met else (node.else_steps, node.steps)
    walk.skip(other)
    if node.on_error == "skip":
        chain = await run_tolerant_chain(walk, taken, frame.sheltered())
    else:
        chain = await run_chain(walk, taken, frame.guarded(guard_of(node, frame)))
    branch = "if" if met else "else"
    condition_completed(log, node, met, len(taken), branch, chain.outputs)
    text = f"Condition {node.name} completed with {len(chain.outputs)} results ({branch} branch)"
    return chain.group(node, "Condition", text)


async def _is_met(walk: Interpreter, node: ConditionNode, frame: Frame) -> bool:
    if node.evaluator in (Call.ALWAYS, Call.NEVER):
        return node.evaluator is Call.ALWAYS
    answer = await calls.evaluate(walk.state, node, frame, "evaluator", node.evaluator)
    if answer.error is not None:
        raise StepFailed(answer.error, answer.error_type)
    return answer.value

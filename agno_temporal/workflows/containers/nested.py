"""A nested workflow: inline, as a subtree of the same plan, so that its pauses are the run's.

A `stop` inside ends the nested workflow only (agno/workflow/step.py:2901). Its steps are not run again as a whole when
one fails for good, though agno would: they have finished, and what has finished is not repeated (docs/differences.md).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from temporalio import workflow

from agno_temporal.contract.outputs import Group, NestedRun, Output
from agno_temporal.plan import Call, WorkflowNode, is_function
from agno_temporal.workflows import calls
from agno_temporal.workflows.container_events import nested_completed, nested_failed, nested_started
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.journal import current
from agno_temporal.workflows.rescue import guard_of, rescued

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


async def run_nested(walk: Interpreter, node: WorkflowNode, frame: Frame) -> Output:
    state = walk.state
    begun, before = current().counted(lambda: state.counted(node.path))
    state.mark(node.path, "running", begun.occurrence)
    inner = replace(frame.nested(), guard=guard_of(node, frame))
    if node.checks_input:
        await rescued(walk, node, inner.guard, frame, lambda: _refuse_unfit(walk, node, inner))
    if not before:
        inner.state.add_defaults(node.session_state)
    run_id = state.nested_run_id(node.path, begun.occurrence)
    nested_started(state.events, node, run_id)
    try:
        chain = await walk.top_level(node.steps, inner)
    except StepFailed as error:
        nested_failed(state.events, node, error.message)
        raise
    run = NestedRun(
        run_id=run_id,
        workflow_id=node.workflow_id,
        workflow_name=node.workflow_name,
        input=inner.flow.input,
        duration=workflow.time() - begun.at,
        metadata=node.metadata,
        media=inner.flow.media,
    )
    ran = not is_function(node.steps)
    group = Group(node.name, node.step_id, "Workflow", tuple(chain.outputs), run=run, ran=ran)
    nested_completed(state.events, node, frame.top, group)
    return group


async def _refuse_unfit(walk: Interpreter, node: WorkflowNode, inner: Frame) -> None:
    """
    Raises:
        StepFailed: The input is none that the workflow takes. It is the failure of the step whose workflow it is, and
            of nothing in it.
    """
    answer = await calls.evaluate(walk.state, node, inner, "input", Call.FUNCTION)
    if answer.error is not None:
        raise StepFailed(answer.error, answer.error_type)

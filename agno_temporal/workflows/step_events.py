"""What is told of a step that has run.

agno's workflow reads a step's stream up to the output that stops the run, or fails it, and drops the rest of it: such a
step is never told to be completed (agno/workflow/workflow.py:4548, 4504). Its output is told of functions only, because
an agent's has been told piece by piece.
"""

from __future__ import annotations

from agno_temporal.contract.outputs import Leaf, Output
from agno_temporal.plan import Call, ExecutorKind, Node, StepNode, WorkflowNode
from agno_temporal.workflows.events import EventLog, step_id_of


def tell_output(log: EventLog, node: StepNode | WorkflowNode, top: bool, output: Output) -> None:
    """A step of a workflow's own has an output."""
    if top and isinstance(node, StepNode) and node.executor is ExecutorKind.FUNCTION:
        log.add_of(node.path, "StepOutput", step_id=None, output=output)


def tell_completed(log: EventLog, node: StepNode | WorkflowNode, top: bool, output: Output) -> None:
    """A step has run."""
    if not (top and output.stop) and not _fails(node, top, output):
        activity_id = output.activity_id if isinstance(output, Leaf) else None
        log.add_of(node.path, "StepCompleted", output=output, activity_id=activity_id)


def tell_failed(log: EventLog, node: Node, error: str) -> None:
    """A step of a workflow's own fails the workflow."""
    log.add_of(node.path, "StepError", step_id=step_id_of(log.place(node.path)), text=error)


def _fails(node: StepNode | WorkflowNode, top: bool, output: Output) -> bool:
    """Whether an output that reports a failure counts as one."""
    if output.success or node.skip_on_failure or node.review.output_review is not Call.NONE:
        return False
    return node.review.on_error == "pause" or (top and node.review.on_error == "fail")

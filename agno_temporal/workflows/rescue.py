"""``on_error="pause"``: a human decides on a failure, where it happened.

agno heeds it at top level only, and a retry there runs the whole step again: of a condition, and of a nested workflow,
with everything in it that had finished (agno/workflow/workflow.py:3057). Here nothing that has finished is repeated:
what failed waits in its place, deep inside, until it is tried again; and "skip" leaves out the node that bears the
policy.

So a frame carries that node along, for as long as a failure would reach it: containers that make an output of a child's
failure shelter it (`Frame.sheltered`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from agno_temporal.hitl import AskAgain, Cancel, Proceed, Redo, Skip, TakeElse
from agno_temporal.plan import ConditionNode, GatedNode, Node, StepNode, WorkflowNode
from agno_temporal.workflows.failures import NodeSkipped, RunCancelled, StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.questions import NO_REJECTIONS, Questions

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter

T = TypeVar("T")


def guard_of(node: StepNode | WorkflowNode | ConditionNode, frame: Frame) -> GatedNode | None:
    """Whom a failure of the node would reach that wants to be asked."""
    if not isinstance(node, ConditionNode) and node.skip_on_failure:
        return None
    match node.on_error if isinstance(node, ConditionNode) else node.review.on_error:
        case "pause":
            return node
        case "skip" if frame.top:
            return None
        case _:
            return frame.guard


async def rescued(
    walk: Interpreter, node: Node, guard: GatedNode | None, frame: Frame, work: Callable[[], Awaitable[T]]
) -> T:
    """Do some of a node's work; where it fails, ask in the name of `guard`, and do it again as often as the answer is
    "retry".

    Raises:
        StepFailed: It failed, and nobody is to be asked.
        NodeSkipped: The answer skips `guard`.
        RunCancelled: Nobody answered, and its policy cancels the run.
    """
    retries = NO_REJECTIONS
    while True:
        try:
            return await work()
        except StepFailed as error:
            if guard is None:
                raise
            requirement = Questions(walk.state, guard, frame).failure(node, error, retries)
        outcome, by_timer = await walk.gates.ask(requirement, frame.flow, None)
        match outcome:
            case Redo() | AskAgain() | Proceed():
                retries = retries.plus(None, by_timer)
                walk.state.mark(guard.path, "running")
            case Skip() | TakeElse():
                raise NodeSkipped(guard.path)
            case Cancel(reason):
                raise RunCancelled(reason, guard.path)

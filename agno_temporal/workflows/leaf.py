"""A step with its gates: asked before it runs, reviewed after, run again as often as its reviewer says.

The order at one step is agno's (agno/workflow/workflow.py:4015-4110): confirmation and input as one question, then the
step, then the review of its output, then again from the step. It holds at any depth, where agno asks at top level only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from agno_temporal.contract.outputs import Leaf, Made, Output
from agno_temporal.contract.tasks import Extras
from agno_temporal.plan import StepNode, WorkflowNode
from agno_temporal.workflows.admission import admitted
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.questions import Rejections
from agno_temporal.workflows.rescue import guard_of, rescued
from agno_temporal.workflows.review import reviewed
from agno_temporal.workflows.step_events import tell_output

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter

Run: TypeAlias = Callable[[Extras | None], Awaitable[Output]]


async def gated(walk: Interpreter, node: StepNode | WorkflowNode, frame: Frame, run: Run) -> Output:
    """Run a step between its gates, and heed its own error policies.

    Raises:
        NodeSkipped, RunCancelled: A human's, or the timer's, answer.
        StepFailed: The step failed, and its policy hands that to the container.
    """
    admission = await admitted(walk, node, frame)

    async def attempt(extras: Extras | None, rejections: Rejections) -> Output:
        told = replace(extras or Extras(), user_input=admission.values) if admission.values else extras
        return await _attempted(walk, node, frame, told, run)

    return await reviewed(walk, node, frame, attempt)


async def _attempted(
    walk: Interpreter, node: StepNode | WorkflowNode, frame: Frame, extras: Extras | None, run: Run
) -> Output:
    """One attempt, with what the step's own policies make of a failure (agno/workflow/step.py:1345)."""

    async def work() -> Output:
        output = await run(extras)
        if node.review.on_error == "pause" and not output.success:
            # agno pauses on an exception only, and an agent that cannot reach its model raises none (D42).
            raise StepFailed(reported(node, output))
        return output

    try:
        # A nested workflow's failures are asked about where they happen.
        return await rescued(walk, node, guard_of(node, frame) if isinstance(node, StepNode) else None, frame, work)
    except StepFailed as error:
        if node.skip_on_failure:
            made = Made(None, f"Step {node.name} failed but skipped", success=False, error=error.message)
            tell_output(walk.state.events, node, frame.top, made)
            return made
        if frame.top and node.review.on_error == "skip":
            return skipped_by_error(node.name, node.step_id, error)
        raise


def reported(node: StepNode | WorkflowNode, output: Output) -> str:
    """What a step says that returned ``success=False``."""
    error = output.error if isinstance(output, Leaf | Made) else None
    return error or f"Step {node.name or 'unnamed_step'} reported failure"


def skipped_by_error(name: str | None, step_id: str | None, error: StepFailed) -> Made:
    """What stands for a top-level step that failed under ``on_error="skip"`` (agno/workflow/workflow.py:365)."""
    return Made(
        name,
        f"Step skipped due to error: {error.message}",
        step_id=step_id,
        step_type="Step",
        success=False,
        error=error.message,
    )

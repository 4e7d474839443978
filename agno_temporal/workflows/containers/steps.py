"""Steps: a sequence with a name. A child's failure becomes its own output, without its children's, as in agno
(agno/workflow/steps.py:550)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agno_temporal.contract.outputs import Made, Output
from agno_temporal.plan import StepsNode
from agno_temporal.workflows.admission import admitted
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.sequence import run_chain

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


async def run_steps(walk: Interpreter, node: StepsNode, frame: Frame) -> Output:
    await admitted(walk, node, frame)
    if not node.steps:
        return Made(node.name or "Steps", "No steps to execute")
    try:
        chain = await run_chain(walk, node.steps, frame.sheltered())
    except StepFailed as error:
        return Made(
            node.name or "Steps",
            f"Steps execution failed: {error.message}",
            success=False,
            error=error.message,
        )
    return chain.group(node, "Steps", f"Steps {node.name} completed with {len(chain.outputs)} results")

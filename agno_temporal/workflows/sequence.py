"""Steps one after another: the heart of every container that is not a Parallel.

A step that was skipped by a rejection leaves nothing behind: no output, no entry among the earlier outputs, as agno
does it at top level (agno/workflow/workflow.py:6925).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agno_temporal.contract.outputs import Group, Made, Output
from agno_temporal.contract.tasks import EndCheck
from agno_temporal.plan import Node
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


@dataclass(slots=True)
class Chain:
    """What a sequence has produced so far, and the frame of the step that comes next."""

    frame: Frame
    outputs: list[Output] = field(default_factory=list)
    stopped: bool = False
    ends_loop: bool | None = None

    @property
    def success(self) -> bool:
        return all(output.success for output in self.outputs)

    def group(self, node: Node, step_type: str, content: str) -> Group:
        """The output of the container whose children these are."""
        return Group(
            node.name,
            node.step_id,
            step_type,
            tuple(self.outputs),
            content,
            success=self.success,
            stop=self.stopped,
        )

    def add(self, name: str | None, output: Output) -> None:
        self.outputs.append(output)
        self.frame = self.frame.after(name, output)
        self.stopped = self.stopped or output.stop


async def run_chain(
    walk: Interpreter, steps: tuple[Node, ...], frame: Frame, end_check: EndCheck | None = None
) -> Chain:
    """Run steps in order until one stops. `end_check` goes with the last one, and knows the outputs before it."""
    chain = Chain(frame)
    for position, node in enumerate(steps):
        check = end_check and EndCheck(
            end_check.loop_path, end_check.iteration, end_check.max_iterations, tuple(chain.outputs)
        )
        last = position == len(steps) - 1
        output, chain.ends_loop = await walk.node(node, chain.frame, check if last else None)
        if output is not None:
            chain.add(node.name, output)
            if output.stop:
                break
    return chain


async def run_tolerant_chain(walk: Interpreter, steps: tuple[Node, ...], frame: Frame) -> Chain:
    """Run steps in order until one stops or fails; a failure is kept as an output (agno/workflow/condition.py:1075,
    agno/workflow/router.py:1066)."""
    chain = Chain(frame)
    for node in steps:
        try:
            output, _ = await walk.node(node, chain.frame, None)
        except StepFailed as error:
            chain.outputs.append(failed_child(node, error))
            break
        if output is not None:
            chain.add(node.name, output)
            if output.stop:
                break
    return chain


def failed_child(node: Node, error: StepFailed) -> Made:
    """What stands for a child that failed in a container that goes on."""
    return Made(node.name, f"Step {node.name} failed: {error.message}", success=False, error=error.message)

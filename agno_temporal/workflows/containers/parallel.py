"""Parallel: branches at the same time (agno/workflow/parallel.py:678).

What ends the run ends every branch; a branch's own failure is its output, and a gate in one holds up only that one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from temporalio import workflow

from agno_temporal.contract.outputs import Group, Output
from agno_temporal.plan import Node, ParallelNode
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.sequence import failed_child

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


async def run_parallel(walk: Interpreter, node: ParallelNode, frame: Frame) -> Output:
    branches = [frame.branch(len(node.steps)) for _ in node.steps]
    tasks = [
        asyncio.ensure_future(_branch(walk, step, branch)) for step, branch in zip(node.steps, branches, strict=True)
    ]
    try:
        if tasks:
            await workflow.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task.done() and (error := task.exception()) is not None:
                raise error
    except (Exception, asyncio.CancelledError):  # not when the worker throws the run out of its memory
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    frame.state.join([branch.state for branch in branches])
    outputs = tuple(output for task in tasks if (output := task.result()) is not None)
    return Group(
        node.name or "Parallel",
        node.step_id,
        "Parallel",
        outputs,
        success=all(output.success for output in outputs),
        stop=any(output.stop for output in outputs),
    )


async def _branch(walk: Interpreter, node: Node, frame: Frame) -> Output | None:
    try:
        return (await walk.node(node, frame, None))[0]
    except StepFailed as error:
        return failed_child(node, error)

"""Parallel: branches at the same time (agno/workflow/parallel.py:678).

What ends the run ends every branch; a branch's own failure is its output, and a gate in one holds up only that one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from temporalio import workflow

from agno_temporal.contract.outputs import Group, Output
from agno_temporal.plan import Node, ParallelNode
from agno_temporal.workflows.container_events import parallel_completed, parallel_started
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.journal import Strand, current, follow
from agno_temporal.workflows.sequence import failed_child

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter


async def run_parallel(walk: Interpreter, node: ParallelNode, frame: Frame) -> Output:
    parallel_started(walk.state.events, node)
    strands = current().fork(len(node.steps))
    branches = [frame.branch(len(node.steps), strand.state) for strand in strands]
    tasks = [
        asyncio.ensure_future(_branch(walk, step, branch, strand))
        for step, branch, strand in zip(node.steps, branches, strands, strict=True)
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
    group = Group(
        node.name or "Parallel",
        node.step_id,
        "Parallel",
        outputs,
        success=all(output.success for output in outputs),
        stop=any(output.stop for output in outputs),
    )
    parallel_completed(walk.state.events, node, frame.top, group)
    return group


async def _branch(walk: Interpreter, node: Node, frame: Frame, strand: Strand) -> Output | None:
    follow(strand)
    try:
        return (await walk.node(node, frame, None))[0]
    except StepFailed as error:
        return failed_child(node, error)
    finally:
        strand.still = True

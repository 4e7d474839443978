"""A loop by hand, which goes on in a new Temporal run when Temporal suggests it, and steps beside each other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.engine.by_hand import OPTIONS


@dataclass
class Task:
    """What an iteration is given."""

    request: str
    previous: str | None


@dataclass
class Loop:
    """The job, or what is left of it."""

    iterations: int
    done: int = 0
    previous: str | None = None


@activity.defn
def iterate(task: Task) -> str:
    return f"after {len(task.previous or '')}"


@activity.defn
def branch(number: int) -> str:
    return f"branch {number}"


@workflow.defn
class LoopByHand:
    """One activity for each iteration."""

    @workflow.run
    async def run(self, loop: Loop) -> str | None:
        request = workflow.info().workflow_id
        for done in range(loop.done, loop.iterations):
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(Loop(loop.iterations, done, loop.previous))
            loop.previous = await workflow.execute_activity(iterate, Task(request, loop.previous), **OPTIONS)
        return loop.previous


@workflow.defn
class BranchesByHand:
    """Activities beside each other."""

    @workflow.run
    async def run(self, branches: int) -> list[str]:
        started = [workflow.execute_activity(branch, number, **OPTIONS) for number in range(branches)]
        return await asyncio.gather(*started)

"""Any number of steps, behind a gate if wanted."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.engine.by_hand import OPTIONS
    from benchmarks.engine.pause_by_hand import Gated


@dataclass
class Counted:
    """What the job is."""

    steps: int
    gate: bool = False


@activity.defn
def work(step: int) -> str:
    return f"done {step}"


@workflow.defn
class Job(Gated):
    """The job: the gate's own handlers, and steps."""

    @workflow.run
    async def run(self, job: Counted) -> str:
        if job.gate:
            await self.decided()
        for step in range(job.steps):
            await workflow.execute_activity(work, step, **OPTIONS)
        return "done"

"""Steps of which each returns a large output, and is given the one before it and nothing more: all that it needs."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.engine.by_hand import OPTIONS


@dataclass
class Job:
    """How many steps, and how much each returns."""

    steps: int
    size: int


@dataclass
class Task:
    """What a step is given."""

    size: int
    previous: str | None


@activity.defn
def produce(task: Task) -> str:
    return "x" * task.size


@workflow.defn
class LastOutputOnly:
    """Each step needs the last output."""

    @workflow.run
    async def run(self, job: Job) -> int:
        previous: str | None = None
        for _ in range(job.steps):
            previous = await workflow.execute_activity(produce, Task(job.size, previous), **OPTIONS)
        return len(previous or "")


@workflow.defn
class NoOutput:
    """No step needs one."""

    @workflow.run
    async def run(self, job: Job) -> int:
        produced = 0
        for _ in range(job.steps):
            produced += len(await workflow.execute_activity(produce, Task(job.size, None), **OPTIONS))
        return produced

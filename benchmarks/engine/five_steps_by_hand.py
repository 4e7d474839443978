"""Five steps, each an activity that is given the request and what the one before it has returned."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.engine.by_hand import LOCAL, OPTIONS

STEPS = ("fetch", "clean", "count", "write", "send")


@dataclass
class Task:
    """What a step is given."""

    step: str
    request: str
    previous: str | None


@activity.defn
def work(task: Task) -> str:
    return f"{task.step} after {task.previous}"


@workflow.defn
class FiveSteps:
    """The job."""

    @workflow.run
    async def run(self, request: str) -> str | None:
        content: str | None = None
        for step in STEPS:
            content = await workflow.execute_activity(work, Task(step, request, content), **OPTIONS)
        return content


@workflow.defn
class FiveLocalSteps:
    """The same with local activities."""

    @workflow.run
    async def run(self, request: str) -> str | None:
        content: str | None = None
        for step in STEPS:
            content = await workflow.execute_local_activity(work, Task(step, request, content), **LOCAL)
        return content


@dataclass
class Stored:
    """A run as agno's rows are to have it."""

    run_id: str
    status: str
    content: str | None = None


STORE = "store"
"""The activity that writes it, which is in a module of its own: it needs agno."""


@workflow.defn
class FiveStoredSteps:
    """The job, of which a database knows when it begins and when it ends."""

    @workflow.run
    async def run(self, request: str) -> str | None:
        run_id, content = workflow.info().workflow_id, None
        await workflow.execute_local_activity(STORE, Stored(run_id, "RUNNING"), **LOCAL)
        for step in STEPS:
            content = await workflow.execute_activity(work, Task(step, request, content), **OPTIONS)
        await workflow.execute_local_activity(STORE, Stored(run_id, "COMPLETED", content), **LOCAL)
        return content

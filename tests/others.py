"""A Temporal workflow of a user's own, which runs on the queue beside agno's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agno.workflow import Workflow
from temporalio import workflow
from temporalio.client import WorkflowHandle

from tests.support import Bench


@workflow.defn
class Own:
    """Ends when it may, with something that is no run."""

    def __init__(self) -> None:
        self._may_end = False

    @workflow.run
    async def run(self) -> dict[str, str]:
        await workflow.wait_condition(lambda: self._may_end)
        return {"parcel": "delivered"}

    @workflow.signal
    def end(self) -> None:
        self._may_end = True


@asynccontextmanager
async def own_beside(bench: Bench, *workflows: Workflow) -> AsyncIterator[WorkflowHandle[Own, dict[str, str]]]:
    """A worker of these and of the user's own, and an open run of that."""
    async with bench.worker(*workflows, workflows=[Own]):
        handle = await bench.client.start_workflow(Own.run, id=f"own-{bench.task_queue}", task_queue=bench.task_queue)
        yield handle

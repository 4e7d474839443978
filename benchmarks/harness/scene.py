"""One server, and on it a worker of ours and one with the workflow that was written by hand.

Whatever the two do not share, the ratio measures too. So they have the same server, the same client, the same process
and the same worker options (`benchmarks.harness.workers`); each has a task queue of its own and stays up while the
other one works, when it only polls. The activities of both have the same timeouts and the same retries.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agno.workflow import Workflow
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, RunClient
from agno_temporal.agno_bridge.request import request_of
from agno_temporal.contract.manifest import Asked
from agno_temporal.plan.data import to_json
from benchmarks.harness.workers import options, working_by_hand

CACHED = 20_000
"""How many runs it keeps in memory: all, so that none is replayed where replaying is not what is measured."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a benchmark takes place.

    Attributes:
        address: The server's.
        pairs: How many pairs are measured.
        share: Of the repetitions within a round, how many are done.
        full: The sizes of the published table, or small ones that only show that the benchmark runs.
        size: A size that was asked for, where the benchmark has one.
        directory: For databases and the like; empty.
    """

    client: Client
    address: str
    pairs: int
    full: bool
    size: int | None
    directory: Path
    share: float = 1.0

    def of(self, full: int, small: int) -> int:
        """A size."""
        return full if self.full else small

    def times(self, full: int, small: int) -> int:
        """How often something is done within a round."""
        return max(1, round(full * self.share)) if self.full else small

    @asynccontextmanager
    async def ours(self, *workflows: Workflow, queue: str | None = None, **settings: Any) -> AsyncIterator[Ours]:
        """A worker of ours; on the queue of an earlier one, to take its runs over. `settings` are the plugin's."""
        queue = queue or f"ours-{uuid.uuid4()}"
        plugin = AgnoPlugin(workflows, **settings)
        async with Worker(self.client, task_queue=queue, plugins=[plugin], **options(cached=CACHED)):
            yield Ours(self.client, queue)

    @asynccontextmanager
    async def by_hand(
        self,
        workflow: type,
        activities: Sequence[Callable[..., Any]],
        *,
        sandboxed: bool = True,
        queue: str | None = None,
    ) -> AsyncIterator[ByHand]:
        """A worker with a workflow that was written by hand, in the sandbox as by default, or without it."""
        queue = queue or f"by-hand-{uuid.uuid4()}"
        async with working_by_hand(self.client, queue, [workflow], activities, sandboxed=sandboxed, cached=CACHED):
            yield ByHand(self.client, queue, workflow)


@dataclass(frozen=True, slots=True)
class ByHand:
    """Runs of a workflow that was written by hand."""

    client: Client
    queue: str
    workflow: type

    async def start(self, argument: Any) -> str:
        run_id = f"run-{uuid.uuid4()}"
        name = self.workflow.__name__
        await self.client.start_workflow(name, argument, id=run_id, task_queue=self.queue)
        return run_id

    async def result(self, run_id: str) -> Any:
        return await self.client.get_workflow_handle(run_id).result()

    async def run(self, argument: Any) -> Any:
        return await self.result(await self.start(argument))


@dataclass(frozen=True, slots=True)
class Ours:
    """Runs of agno workflows."""

    client: Client
    queue: str

    @property
    def runs(self) -> RunClient:
        return RunClient(self.client, self.queue)

    async def start(self, workflow: Workflow, input: Any = None, runs: RunClient | None = None) -> str:
        run_id = f"run-{uuid.uuid4()}"
        await (runs or self.runs).start(str(workflow.id or workflow.name), request_of(workflow, input), run_id)
        return run_id

    async def result(self, run_id: str) -> Any:
        """Temporal's own result: the same call as for the other side."""
        return await self.client.get_workflow_handle(run_id).result()

    async def run(self, workflow: Workflow, input: Any = None) -> Any:
        return await self.result(await self.start(workflow, input))

    async def paused(self, run_id: str) -> list[Asked]:
        """What a run waits for, once nothing else is under way."""
        manifest = await self.runs.wait(run_id)
        assert manifest.status == "PAUSED", to_json(manifest)
        return [asked for asked in manifest.asked if asked.resolution is None]

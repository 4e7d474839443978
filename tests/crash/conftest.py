"""A run, its journal, and the worker processes that a test starts and kills."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Action, Decision
from agno_temporal.plan.data import to_json
from tests.crash.journal import Journal
from tests.crash.processes import WorkerProcess
from tests.support import Bench, eventually


class Scene:
    """One run of the workflow ``noted``, started by `start`; and the workers that `worker` makes."""

    def __init__(self, client: Client, directory: Path) -> None:
        self.queue = f"crash-{uuid.uuid4()}"
        self.bench = Bench(client, self.queue)
        self.journal = Journal(directory)
        self.run_id = f"run-{uuid.uuid4()}"
        self._workers: list[WorkerProcess] = []

    def worker(self, target: str, address: str | None = None, queues: str | None = None) -> WorkerProcess:
        """A process that is loaded while the test goes on, and works from its `start` on."""
        address = address or self.bench.client.service_client.config.target_host
        self._workers.append(WorkerProcess(address, queues or self.queue, target))
        return self._workers[-1]

    async def start(self, *, task_timeout: timedelta | None = None) -> None:
        await self.bench.client.start_workflow(
            "noted",
            to_json(RunRequest(input=str(self.journal.directory))),
            id=self.run_id,
            task_queue=self.queue,
            task_timeout=task_timeout,
        )

    async def content(self) -> str:
        """The content of the run, which has ended well."""
        await self.bench.ended(self.run_id)
        run = await self.bench.runs.run_output(self.run_id)
        assert run.status == "COMPLETED", run.content
        return run.content

    async def confirm(self) -> None:
        (asked,) = await self.bench.paused(self.run_id)
        await self.bench.runs.decide(self.run_id, Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana"))

    async def scheduled(self, activity_id: str) -> None:
        """Wait until the history has a step as the next one: then what came before is recorded, and no workflow task is
        under way."""
        handle = self.bench.client.get_workflow_handle(self.run_id)

        async def found() -> bool:
            events = (await handle.fetch_history()).events
            return activity_id in {event.activity_task_scheduled_event_attributes.activity_id for event in events}

        await eventually(f"{activity_id} in the history", found)

    async def recorded(self, activity_id: str) -> None:
        """Wait until a step's result is in the history."""
        handle = self.bench.client.get_workflow_handle(self.run_id)

        async def completed() -> bool:
            events = (await handle.fetch_history()).events
            ids = {event.event_id: event.activity_task_scheduled_event_attributes.activity_id for event in events}
            done = {event.activity_task_completed_event_attributes.scheduled_event_id for event in events}
            return activity_id in {ids[event_id] for event_id in done - {0}}

        await eventually(f"the result of {activity_id} in the history", completed)

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()


@pytest.fixture
def scene(client: Client, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(client, tmp_path)
    yield scene
    scene.close()

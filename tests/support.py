"""What the tests of the running system share: workers on their own queue, and waiting with a bound."""

from __future__ import annotations

import asyncio
import shutil
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from agno.workflow import Workflow
from temporalio.client import Client
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, DurableWorkflow, RunClient, StepOptions, Webhooks
from agno_temporal.agno_bridge.request import request_of
from agno_temporal.connect.dev_server import FLAGS
from agno_temporal.contract.manifest import Asked, Manifest

T = TypeVar("T")

PATIENCE = 60.0


async def eventually(what: str, probe: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
    """The first truthy answer of `probe`. Says what it waited for when it gives up."""
    deadline = time.monotonic() + patience
    while True:
        answer = await probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s for {what}; last answer: {answer!r}")
        await asyncio.sleep(0.02)


class Bench:
    """Workers, durable workflows and runs on one task queue."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self.client = client
        self.task_queue = task_queue
        self.runs = RunClient(client, task_queue)

    @asynccontextmanager
    async def worker(
        self,
        *workflows: Workflow,
        steps: StepOptions | None = None,
        webhooks: Webhooks | None = None,
        continue_after: int | None = None,
        **options: Any,
    ):
        """A worker that has these workflows, for the length of the block."""
        plugin = AgnoPlugin(workflows, options=steps or StepOptions(), webhooks=webhooks, continue_after=continue_after)
        async with Worker(self.client, task_queue=self.task_queue, plugins=[plugin], **options) as worker:
            yield worker

    def durable(self, workflow: Workflow) -> DurableWorkflow:
        return DurableWorkflow(workflow, client=self.client, task_queue=self.task_queue)

    async def start(self, workflow: Workflow, input: Any = None, **options: Any) -> str:
        """Start a run and return its id, without waiting for anything."""
        run_id = options.pop("run_id", None) or f"run-{uuid.uuid4()}"
        durable = self.durable(workflow)
        await self.runs.start(durable.id, request_of(workflow, input, **options), run_id)
        return run_id

    async def start_in_short_tasks(self, workflow: str, run_id: str | None = None, **request: Any) -> str:
        """Start a run whose workflow tasks may take a second. Temporal's core prolongs them when 0.8 are over."""
        run_id = run_id or f"run-{uuid.uuid4()}"
        place = {"id": run_id, "task_queue": self.task_queue, "task_timeout": timedelta(seconds=1)}
        await self.client.start_workflow(workflow, {"input": "bees", **request}, **place)
        return run_id

    async def paused(self, run_id: str) -> list[Asked]:
        """What the run waits for, once nothing else is under way."""
        manifest = await asyncio.wait_for(self.runs.wait(run_id), PATIENCE)
        assert manifest.status == "PAUSED", manifest
        return [asked for asked in manifest.asked if asked.resolution is None]

    async def ended(self, run_id: str) -> Manifest:
        """The run, once it has ended."""
        manifest = await asyncio.wait_for(self.runs.wait(run_id), PATIENCE)
        assert manifest.status not in ("RUNNING", "PAUSED"), manifest
        return manifest


async def time_skipping() -> WorkflowEnvironment:
    """A server of its own whose time stands still until it is moved on (`environment.fast_forward`)."""
    return await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=shutil.which("temporal"),
        dev_server_extra_args=FLAGS,
        dev_server_log_level="error",
    )

"""An API on a port of its own, with its worker, on a thread: for clients that are no coroutines."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from agno.workflow import Workflow
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin
from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.api.serving import serve
from agno_temporal.connect.loops import LoopThread


@contextmanager
def live(server: str, workflows: Sequence[Workflow], **options: Any) -> Iterator[str]:
    """The address of an API for these workflows."""
    thread = LoopThread("test-api")
    told: list[str] = []
    ready, done = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        client = await Client.connect(server)
        queue = f"live-{uuid.uuid4()}"
        app = create_app(new_service(workflows, client, task_queue=queue, **options))

        def tell(text: str) -> None:
            told.append(text)
            ready.set()

        async with Worker(client, task_queue=queue, plugins=[AgnoPlugin(workflows)]):
            serving = asyncio.ensure_future(serve(app, port=0, tell=tell))
            await done.wait()
            serving.cancel()
            await asyncio.wait([serving])

    async def until_ready() -> None:
        await asyncio.wait_for(ready.wait(), 60)

    async def stop() -> None:
        done.set()
        await running

    running = asyncio.run_coroutine_threadsafe(run(), thread.loop)
    running = asyncio.wrap_future(running, loop=thread.loop)
    thread.call(until_ready())
    try:
        yield told[0].split("/v1")[0].removeprefix("The API is at ")
    finally:
        thread.call(stop())
        thread.stop()

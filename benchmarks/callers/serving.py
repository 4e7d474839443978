"""The API on a port of its own, as it is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agno.workflow import Workflow
from temporalio.client import Client

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.api.serving import serve


@asynccontextmanager
async def served(client: Client, queue: str, *workflows: Workflow, most_streams: int = 2_000) -> AsyncIterator[str]:
    """The address of an API for these workflows, for the length of the block."""
    app = create_app(new_service(workflows, client, task_queue=queue, most_streams=most_streams))
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.ensure_future(serve(app, port=0, tell=told.set_result))
    waited: list[asyncio.Future[Any]] = [told, serving]
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    try:
        yield told.result().split("/v1")[0].removeprefix("The API is at ") + "/v1"
    finally:
        serving.cancel()
        await asyncio.wait([serving])

"""A worker process of ours: ``python -m benchmarks.engine.worker_of_ours``."""

from __future__ import annotations

import asyncio
import sys

from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin
from benchmarks.engine.pause import gated
from benchmarks.harness.workers import options


async def main(address: str, queue: str, cached: str) -> None:
    client = await Client.connect(address)
    plugin = AgnoPlugin([gated()])
    async with Worker(client, task_queue=queue, plugins=[plugin], **options(cached=int(cached))):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""The worker that is sampled: ``python -m benchmarks.flame.worker ADDRESS QUEUE``. It ends when its input does."""

from __future__ import annotations

import asyncio
import os
import sys

from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin
from benchmarks.engine.five_steps import five_steps
from benchmarks.harness.workers import options


async def main(address: str, queue: str) -> None:
    client = await Client.connect(address)
    plugin = AgnoPlugin([five_steps("five-steps")])
    async with Worker(client, task_queue=queue, plugins=[plugin], **options(cached=1_000)):
        print(os.getpid(), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

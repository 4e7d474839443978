"""A worker in a process of its own: ``python -m benchmarks.callers.worker ADDRESS QUEUE SIDE``.

It runs what the benchmarks of callers call. The side is "ours" or "by-hand". Both have agno in their memory, as in
`benchmarks.engine.worker_by_hand`.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AbstractAsyncContextManager
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin
from benchmarks.callers.told import told
from benchmarks.callers.told_by_hand import Told, ended, more
from benchmarks.engine.pause import gated
from benchmarks.harness.scene import CACHED
from benchmarks.harness.workers import options, working_by_hand


async def main(address: str, queue: str, side: str) -> None:
    async with _working(await Client.connect(address), queue, side):
        print("ready", flush=True)
        await asyncio.Event().wait()


def _working(client: Client, queue: str, side: str) -> AbstractAsyncContextManager[Any]:
    if side == "ours":
        return Worker(client, task_queue=queue, plugins=[AgnoPlugin([gated(), told()])], **options(cached=CACHED))
    return working_by_hand(client, queue, [Told], [ended, more], sandboxed=True, cached=CACHED)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

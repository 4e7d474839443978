"""An API in a process of its own: ``python -m benchmarks.callers.api ADDRESS QUEUE``. It prints its address."""

from __future__ import annotations

import asyncio
import sys

from temporalio.client import Client

from benchmarks.callers.serving import served
from benchmarks.callers.told import told
from benchmarks.engine.pause import gated


async def main(address: str, queue: str) -> None:
    async with served(await Client.connect(address), queue, gated(), told()) as at:
        print(at, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""A worker process with the workflow that was written by hand: ``python -m benchmarks.engine.worker_by_hand``.

It runs agno in its steps, as ours does: else what is compared is a process with agno and one without it.
"""

from __future__ import annotations

import asyncio
import sys

import agno.workflow  # noqa: F401
from temporalio.client import Client

from benchmarks.engine.pause_by_hand import Gate, release
from benchmarks.harness.workers import working_by_hand


async def main(address: str, queue: str, sandboxed: str, cached: str) -> None:
    client = await Client.connect(address)
    is_sandboxed = sandboxed == "sandboxed"
    async with working_by_hand(client, queue, [Gate], [release], sandboxed=is_sandboxed, cached=int(cached)):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

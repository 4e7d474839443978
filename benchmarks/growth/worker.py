"""A worker in a process of its own: ``python -m benchmarks.growth.worker SIDE ADDRESS QUEUE``.

So what the worker takes of the CPU is told apart from what the driver takes, which starts runs and waits for them. It
says when it is ready, and ends when its input does.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AbstractAsyncContextManager

from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin
from benchmarks.engine.earlier_outputs_by_hand import LastOutputOnly, produce
from benchmarks.engine.loop_by_hand import LoopByHand, iterate
from benchmarks.engine.pause_by_hand import Gate, release
from benchmarks.growth.jobs import workflows
from benchmarks.harness.workers import options, working_by_hand

OURS, BY_HAND, UNSANDBOXED = SIDES = ("ours", "by hand", "by hand, unsandboxed")

CACHED = 20_000


async def main(side: str, address: str, queue: str) -> None:
    client = await Client.connect(address)
    worker: AbstractAsyncContextManager[object]
    if side == OURS:
        worker = Worker(client, task_queue=queue, plugins=[AgnoPlugin(workflows())], **options(cached=CACHED))
    else:
        worker = working_by_hand(
            client,
            queue,
            [LastOutputOnly, LoopByHand, Gate],
            [produce, iterate, release],
            sandboxed=side == BY_HAND,
            cached=CACHED,
        )
    async with worker:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""A worker in a process of its own, to be killed.

    python -m tests.crash.worker_process ADDRESS QUEUE[,QUEUE] module:function

The function is given the first queue and returns the plugin. A line on standard output says that the process is
loaded; it connects when a line comes in, so that a replacement can be ready before the first one dies.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from contextlib import AsyncExitStack

from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin


async def work(address: str, queues: list[str], plugin: AgnoPlugin) -> None:
    client = await Client.connect(address, plugins=[plugin])
    async with AsyncExitStack() as stack:
        for queue in queues:
            await stack.enter_async_context(Worker(client, task_queue=queue))
        await asyncio.Event().wait()


def main(address: str, queues: str, target: str) -> None:
    module, _, function = target.partition(":")
    names = queues.split(",")
    plugin = getattr(importlib.import_module(module), function)(names[0])
    print("loaded", flush=True)
    if sys.stdin.readline():
        asyncio.run(work(address, names, plugin))


if __name__ == "__main__":
    main(*sys.argv[1:])

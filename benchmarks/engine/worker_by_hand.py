"""A worker process with the workflow that was written by hand: ``python -m benchmarks.engine.worker_by_hand``.

It runs agno in its steps, as ours does: else what is compared is a process with agno and one without it.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import agno.workflow  # noqa: F401
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from benchmarks.engine.pause_by_hand import Gate, release


async def main(address: str, queue: str, sandboxed: str, cached: str) -> None:
    client = await Client.connect(address)
    with ThreadPoolExecutor(100) as threads:
        async with Worker(
            client,
            task_queue=queue,
            workflows=[Gate],
            activities=[release],
            activity_executor=threads,
            workflow_runner=SandboxedWorkflowRunner() if sandboxed == "sandboxed" else UnsandboxedWorkflowRunner(),
            max_cached_workflows=int(cached),
        ):
            print("ready", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

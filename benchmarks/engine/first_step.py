"""A worker that says when its first step runs: ``python -m benchmarks.engine.first_step ours ADDRESS QUEUE``.

The run waits on the queue before the process is there, as it does behind a deploy.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any


def say(_: str) -> str:
    """The step."""
    print("first step", flush=True)
    return "done"


SAY: Any = say
"""As agno takes it: its types ask for a `StepOutput`."""


async def ours(address: str, queue: str) -> None:
    """As whoever uses this package writes it."""
    from agno.workflow import Step, Workflow
    from temporalio.client import Client
    from temporalio.worker import Worker

    from agno_temporal import AgnoPlugin

    workflow = Workflow(name="first", steps=[Step(name="say", executor=SAY)])
    client = await Client.connect(address, plugins=[AgnoPlugin([workflow])])
    async with Worker(client, task_queue=queue):
        await asyncio.Event().wait()


async def by_hand(address: str, queue: str) -> None:
    """As whoever writes it by hand does, with agno in the steps."""
    from concurrent.futures import ThreadPoolExecutor

    from agno.workflow import Step
    from temporalio import activity
    from temporalio.client import Client
    from temporalio.worker import Worker

    from benchmarks.engine.first_step_by_hand import First

    assert Step(name="say", executor=SAY)
    client = await Client.connect(address)
    activities = [activity.defn(name="say")(say)]
    with ThreadPoolExecutor(100) as threads:
        worker = Worker(client, task_queue=queue, workflows=[First], activities=activities, activity_executor=threads)
        async with worker:
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run({"ours": ours, "by-hand": by_hand}[sys.argv[1]](*sys.argv[2:]))

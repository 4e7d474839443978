"""Deliveries run wherever the plugin is: on the client, on the worker, or on both."""

from __future__ import annotations

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, RunClient, embedded
from tests.support import Bench
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import gated, telling, told_at_the_end


@pytest.mark.filterwarnings("ignore:The same plugin type:UserWarning")
@pytest.mark.parametrize("on", ["client", "worker", "both"])
async def test_it_delivers_once(bench: Bench, receiver: Receiver, on: str) -> None:
    plugin = AgnoPlugin([gated()], webhooks=telling(receiver))
    client = Client(**{**bench.client.config(), "plugins": [plugin] if on != "worker" else []})
    async with Worker(client, task_queue=bench.task_queue, plugins=[plugin] if on != "client" else []):
        await told_at_the_end(Bench(client, bench.task_queue))
        await receiver.has("requirement.opened", "requirement.decided", "run.finished")
    assert len(receiver.attempts) == 3


async def test_deliveries_are_no_runs(bench: Bench, receiver: Receiver) -> None:
    async with bench.worker(gated(), webhooks=telling(receiver)):
        run_id = await told_at_the_end(bench)
        await receiver.has("requirement.opened", "requirement.decided", "run.finished")
    assert [one.run_id async for one in RunClient(bench.client, bench.task_queue).list_runs()] == [run_id]


@pytest.mark.slow
async def test_embedded_takes_them_too(receiver: Receiver) -> None:
    async with embedded([gated()], webhooks=telling(receiver)) as runtime:
        run = await runtime.durable(gated()).arun("x")
        await receiver.has("requirement.opened")
        assert run.is_paused

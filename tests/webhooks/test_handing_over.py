"""Handing a notice over to its delivery: at once where Temporal takes it, else for as long as it takes."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.contract import names
from agno_temporal.contract.notice_data import MAX_BYTES, bounded
from tests.running.tools import replays
from tests.support import Bench
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import gated, telling, told_at_the_end


class Busy(Interceptor):
    """A Temporal that takes no delivery, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        busy = self

        class Outbound(OutboundInterceptor):
            async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
                if input.workflow == names.DELIVERY and busy.left > 0:
                    busy.left -= 1
                    raise RPCError("busy", RPCStatusCode.RESOURCE_EXHAUSTED, b"")
                return await super().start_workflow(input)

        return Outbound(next)


async def test_what_temporal_does_not_take_at_once_is_handed_over_later(bench: Bench, receiver: Receiver) -> None:
    client = Client(**{**bench.client.config(), "interceptors": [Busy(4)]})
    busy = Bench(client, bench.task_queue)
    async with busy.worker(gated(), webhooks=telling(receiver)):
        run_id = await told_at_the_end(busy)
        await receiver.has("requirement.opened", "requirement.decided", "run.finished")
    assert len(receiver.taken) == 3
    await replays(bench.client, run_id)


async def test_a_long_question_is_cut_and_marked(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(confirmation_message="really? " * 100_000)
    async with bench.worker(workflow, webhooks=telling(receiver)):
        await bench.start(workflow, "x")
        [opened] = await receiver.has("requirement.opened")
    assert opened.data["truncated"] is True
    assert opened.data["message"] == ("really? " * 200)[:1000]
    assert len(opened.body) < MAX_BYTES


@pytest.mark.parametrize("key", ["tools", "fields", "choices"])
def test_what_is_least_needed_goes_first(key: str) -> None:
    data = {"run_id": "r", "message": "m", key: ["x" * 900] * 100}
    assert bounded(data) == {"run_id": "r", "message": "m", key: None, "truncated": True}

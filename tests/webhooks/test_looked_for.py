"""Messages for an endpoint that a worker does not know: while workers differ, any of them may take one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from agno_temporal import Webhook, Webhooks
from agno_temporal.activities import deliver
from agno_temporal.activities.deliver import Deliver
from agno_temporal.contract.notices import DeliverTask, Notice
from agno_temporal.plan.data import to_json
from tests.support import Bench, eventually
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import SOON, delivery, gated, telling, told_at_the_end

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

AGO = {minutes: (NOW - timedelta(minutes=minutes)).timestamp() for minutes in (0, 9, 10)}

TASK = to_json(DeliverTask(Notice("msg_1", "run.finished", 0.0, {"run_id": "r"}, ("ops",)), "ops"))


async def attempted(details: list[Any], *endpoints: Webhook) -> tuple[str, list[list[Any]]]:
    """How an attempt that begins with these details of a heartbeat ends, and those that it leaves.

    The message is days old.
    """
    environment, left = ActivityEnvironment(), list[list[Any]]()
    environment.info = replace(
        environment.info, heartbeat_details=details, started_time=NOW, scheduled_time=NOW - timedelta(days=3)
    )
    environment.on_heartbeat = lambda *told: left.append([float(one.payload.data) for one in told])
    try:
        end = await environment.run(Deliver(Webhooks(endpoints, **SOON), 10).deliver, TASK)
    except ApplicationError as error:
        end = error.message
    return end, left


async def test_it_is_looked_for_from_when_it_is_missed_however_old_the_message_is() -> None:
    assert await attempted([]) == ("This worker has no webhook 'ops'.", [[0, AGO[0]]])
    assert await attempted([0, AGO[9]]) == ("This worker has no webhook 'ops'.", [])


async def test_what_nobody_has_known_for_so_long_is_removed_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "agno_temporal.webhooks")
    assert await attempted([0, AGO[10]]) == ("removed", [])
    [said] = caplog.messages
    assert said.startswith("webhook 'ops', run.finished msg_1: no worker that took it for 0:10:00 has this endpoint")


async def test_details_of_the_version_before_say_how_often_it_failed_and_no_more() -> None:
    assert await attempted([2]) == ("This worker has no webhook 'ops'.", [[2, AGO[0]]])


async def test_a_worker_that_has_it_begins_that_time_anew_and_keeps_the_count_of_failures(receiver: Receiver) -> None:
    end, [first, *_] = await attempted([2, AGO[9]], receiver.webhook())
    assert (end, first) == ("delivered", [2])


async def test_an_old_message_outlives_a_worker_that_does_not_know_its_endpoint_yet(
    bench: Bench, receiver: Receiver
) -> None:
    receiver.status = 500
    # Few attempts: one that the worker's end cuts off is tried again after a pause that doubles with each.
    knows, knows_not = telling(receiver, "run.finished", delays=[0.7]), Webhooks([], look_for=timedelta(seconds=2))
    async with bench.worker(gated(), webhooks=knows):
        await told_at_the_end(bench)
        await receiver.tried()
        await asyncio.sleep(2)
    async with bench.worker(gated(), webhooks=knows_not):
        await _missed(bench.client.get_workflow_handle(receiver.attempts[0]))
    receiver.status = 200
    async with bench.worker(gated(), webhooks=knows):
        [message] = await receiver.has("run.finished")
        assert await delivery(bench, message.id) == {"ops": "delivered"}


async def test_since_when_it_is_missed_is_known_to_each_look_and_told_once(
    bench: Bench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "LOOKING", 0.1)
    receiver.status = 500
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await told_at_the_end(bench)
        await receiver.tried()
    async with bench.worker(gated(), webhooks=Webhooks([])):
        handle = bench.client.get_workflow_handle(receiver.attempts[0])
        first = await _missed(handle)
        later = await _missed(handle, first.attempt + 5)
    told = [[float(one.data) for one in look.heartbeat_details.payloads] for look in (first, later)]
    assert told[0] == told[1]
    assert len(told[0]) == 2


async def _missed(handle: WorkflowHandle[Any, Any], attempt: int = 0) -> PendingActivityInfo:
    """The activity, once a worker that does not know its endpoint has taken it, and it has come to this attempt."""

    async def missed() -> PendingActivityInfo | None:
        pending = (await handle.describe()).raw_description.pending_activities
        has = bool(pending) and "has no webhook" in pending[0].last_failure.message and pending[0].attempt >= attempt
        return pending[0] if has else None

    return await eventually("a worker that does not know the endpoint", missed)

"""Whom a run tells is recorded when it opens; where they are, and how it is signed, is the worker's to know."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from temporalio.client import WorkflowHandle

from agno_temporal import Webhooks
from agno_temporal.activities import deliver
from tests.running.tools import replays
from tests.support import Bench, eventually
from tests.webhooks.receiver import Receiver, new_secret
from tests.webhooks.scenes import SOON, confirm, delivery, gated, telling, told_at_the_end


async def test_a_run_that_was_opened_without_webhooks_stays_silent(bench: Bench, receiver: Receiver) -> None:
    workflow = gated()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        await bench.paused(run_id)
    async with bench.worker(workflow, webhooks=telling(receiver)):
        await confirm(bench, run_id)
        await bench.ended(run_id)
        other = await told_at_the_end(bench)
        messages = await receiver.has("run.finished")
    assert {one.data["run_id"] for one in messages} == {other}
    await replays(bench.client, run_id)


async def test_a_run_that_was_opened_with_webhooks_goes_on_telling(bench: Bench, receiver: Receiver) -> None:
    """Also by workers that have none: what they hand over waits for one that has."""
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver)):
        run_id = await bench.start(workflow, "x")
        await bench.paused(run_id)
        await receiver.has("requirement.opened")
    async with bench.worker(workflow):
        await confirm(bench, run_id)
        await bench.ended(run_id)
    async with bench.worker(workflow, webhooks=telling(receiver)):
        await receiver.has("requirement.decided", "run.finished")
    await replays(bench.client, run_id)


async def test_neither_address_nor_secret_is_in_any_history(bench: Bench, receiver: Receiver) -> None:
    receiver.path = "/hooks?token=abc"
    async with bench.worker(gated(), webhooks=telling(receiver)):
        run_id = await told_at_the_end(bench)
        messages = await receiver.has("requirement.opened", "requirement.decided", "run.finished")
        handles = [bench.client.get_workflow_handle(one) for one in (run_id, *(one.id for one in messages))]
        histories = json.dumps([(await one.fetch_history()).to_json_dict() for one in handles])
    assert "ops" in histories
    assert receiver.secret.removeprefix("whsec_") not in histories
    assert str(receiver.port) not in histories


async def test_an_endpoint_that_moved_gets_what_its_old_place_did_not_take(bench: Bench, receiver: Receiver) -> None:
    moved = Receiver()
    await moved.up()
    receiver.status = 500
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await told_at_the_end(bench)
        await receiver.tried()
    async with bench.worker(gated(), webhooks=telling(moved, "run.finished")):
        [message] = await moved.has("run.finished")
    await moved.down()
    assert message.id in receiver.attempts


async def test_an_endpoint_that_was_removed_ends_its_deliveries(bench: Bench, receiver: Receiver) -> None:
    receiver.status = 500
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await told_at_the_end(bench)
        await receiver.tried()
    async with bench.worker(gated(), webhooks=Webhooks([], look_for=timedelta(0), **SOON)):
        assert await delivery(bench, receiver.attempts[0]) == {"ops": "removed"}


async def test_an_endpoint_that_only_newer_workers_know_is_looked_for(bench: Bench, receiver: Receiver) -> None:
    receiver.status = 500
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await told_at_the_end(bench)
        await receiver.tried()
    async with bench.worker(gated(), webhooks=Webhooks([])):
        handle = bench.client.get_workflow_handle(receiver.attempts[0])
        await _attempted_again(handle)
    receiver.status = 200
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await receiver.has("run.finished")


async def test_a_look_for_an_endpoint_is_no_attempt_of_the_schedule(
    bench: Bench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rolling deploy makes many looks, and a receiver that then refuses once would wait for a day."""
    monkeypatch.setattr(deliver, "LOOKING", 0.1)
    receiver.status = 500
    schedule = telling(receiver, "run.finished", delays=[0.1, 0.1, 3600])
    async with bench.worker(gated(), webhooks=schedule):
        await told_at_the_end(bench)
        await receiver.tried()
    async with bench.worker(gated(), webhooks=Webhooks([])):
        await _attempted_again(bench.client.get_workflow_handle(receiver.attempts[0]))
        await asyncio.sleep(1)
    async with bench.worker(gated(), webhooks=schedule):
        await receiver.tried(2)
        receiver.status = 200
        await receiver.has("run.finished")


async def test_while_secrets_are_exchanged_a_receiver_may_know_either(bench: Bench, receiver: Receiver) -> None:
    old, new = receiver.secret, new_secret()
    for secrets, known in (([new, old], old), ([new, old], new), ([new], new)):
        receiver.secret = known
        receiver.taken.clear()
        webhook = receiver.webhook(secret=secrets, events=["run.finished"])
        async with bench.worker(gated(), webhooks=Webhooks([webhook])):
            await told_at_the_end(bench)
            [message] = await receiver.has("run.finished")
        assert len(message.headers["webhook-signature"].split()) == len(secrets)
    assert receiver.refused == []


async def _attempted_again(handle: WorkflowHandle) -> None:
    async def attempted() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return bool(pending) and "has no webhook" in pending[0].last_failure.message

    await eventually("a worker that does not know the endpoint", attempted)

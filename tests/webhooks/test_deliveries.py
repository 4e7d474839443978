"""A receiver that is down, slow or wrong: it gets everything at least once, under one id for each fact."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError

from agno_temporal import Webhooks
from agno_temporal.connect import deliveries
from tests.support import Bench, eventually
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import SOON, confirm, delivery, gated, telling, told_at_the_end


async def test_a_receiver_that_is_down_gets_everything_once_it_is_back(bench: Bench, receiver: Receiver) -> None:
    """The run is over by then."""
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver)):
        await receiver.down()
        run_id = await bench.start(workflow, "x")
        await confirm(bench, run_id)
        await bench.ended(run_id)
        assert receiver.attempts == []
        await receiver.up()
        messages = await receiver.has("requirement.opened", "requirement.decided", "run.finished")
    assert len({one.id for one in messages}) == 3


async def test_it_is_tried_until_it_answers_with_success_under_the_same_id(bench: Bench, receiver: Receiver) -> None:
    receiver.status = 503
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        run_id = await told_at_the_end(bench)
        await receiver.tried(3)
        receiver.status = 200
        [message] = await receiver.has("run.finished")
        assert await delivery(bench, message.id) == {"ops": "delivered"}
    assert set(receiver.attempts) == {message.id}
    assert message.data["run_id"] == run_id


async def test_runs_that_ended_while_no_worker_was_left_are_told_by_the_next_one(
    bench: Bench, receiver: Receiver
) -> None:
    receiver.status = 500
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await told_at_the_end(bench)
        await receiver.tried()
    receiver.status = 200
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await receiver.has("run.finished")
    assert len(set(receiver.attempts)) == 1


async def test_a_receiver_that_wants_nothing_more_is_not_tried_again(bench: Bench, receiver: Receiver) -> None:
    receiver.status = 410
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await told_at_the_end(bench)
        await receiver.tried()
        assert await delivery(bench, receiver.attempts[0]) == {"ops": "gone"}
    assert len(receiver.attempts) == 1


async def test_what_nobody_takes_is_given_up_in_the_end_and_shown_as_failed(bench: Bench, receiver: Receiver) -> None:
    receiver.status = 400
    webhooks = telling(receiver, "run.finished", retry_for=timedelta(0))
    async with bench.worker(gated(), webhooks=webhooks):
        await told_at_the_end(bench)
        await receiver.tried()
        with pytest.raises(WorkflowFailureError) as failed:
            await delivery(bench, receiver.attempts[0])
    assert failed.value.cause.type == "DeliveryGivenUp"
    assert failed.value.cause.details[0] == {"ops": "given_up"}


async def test_one_endpoint_does_not_wait_for_another(bench: Bench, receiver: Receiver) -> None:
    other = Receiver()
    await other.up()
    await other.down()
    async with bench.worker(
        gated(),
        webhooks=Webhooks(
            [one.webhook(name, events=["run.finished"]) for name, one in (("down", other), ("ops", receiver))], **SOON
        ),
    ):
        await told_at_the_end(bench)
        [message] = await receiver.has("run.finished")
        await other.up()
        [late] = await other.has("run.finished")
        assert await delivery(bench, message.id) == {"down": "delivered", "ops": "delivered"}
    await other.down()
    assert late.id == message.id


async def test_an_endpoint_that_hangs_has_no_more_than_its_share_of_the_places(
    bench: Bench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "AT_ONCE", 4)
    hanging = Receiver()
    hanging.may_answer.clear()
    await hanging.up()
    endpoints = [one.webhook(name, events=["run.finished"]) for one, name in ((hanging, "hanging"), (receiver, "ops"))]
    async with bench.worker(gated(), webhooks=Webhooks(endpoints, **SOON)):
        for _ in range(6):
            await told_at_the_end(bench)

        async def all_told() -> bool:
            return len(receiver.taken) == 6

        await eventually("the other one to be told", all_told)
        assert len(hanging.attempts) == 2
        hanging.may_answer.set()
    await hanging.down()


async def test_half_a_letter_is_told_as_its_escape(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(confirmation_message="half \ud800 a letter")
    async with bench.worker(workflow, webhooks=telling(receiver, "requirement.opened")):
        await bench.start(workflow, "x")
        [message] = await receiver.has("requirement.opened")
    assert message.data["message"] == "half \\ud800 a letter"


async def test_a_redirect_is_not_followed(bench: Bench, receiver: Receiver) -> None:
    elsewhere = Receiver(secret=receiver.secret)
    await elsewhere.up()
    receiver.status, receiver.extra = 307, b"location: http://127.0.0.1:%d/hooks\r\n" % elsewhere.port
    async with bench.worker(gated(), webhooks=telling(receiver, "run.finished")):
        await told_at_the_end(bench)
        await receiver.tried(2)
    await elsewhere.down()
    assert elsewhere.attempts == []


async def test_an_attempt_that_nobody_answers_has_an_end(bench: Bench, receiver: Receiver) -> None:
    receiver.may_answer.clear()
    async with bench.worker(
        gated(), webhooks=Webhooks([receiver.webhook(events=["run.finished"], timeout=0.2)], **SOON)
    ):
        await told_at_the_end(bench)
        await receiver.tried(2)
        receiver.may_answer.set()
        await receiver.has("run.finished")
    assert len(set(receiver.attempts)) == 1


async def test_an_attempt_that_a_worker_leaves_when_it_stops_is_made_by_the_next_one(
    bench: Bench, receiver: Receiver
) -> None:
    receiver.may_answer.clear()
    webhooks = telling(receiver, "run.finished")
    async with bench.worker(gated(), webhooks=webhooks):
        await told_at_the_end(bench)
        await receiver.tried()
    receiver.may_answer.set()
    async with bench.worker(gated(), webhooks=webhooks):
        await receiver.tried(2)
        assert await delivery(bench, receiver.attempts[0]) == {"ops": "delivered"}

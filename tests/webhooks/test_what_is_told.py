"""What a receiver hears of a run: each fact once, signed, with ids and names and the question, and no content."""

from __future__ import annotations

import json

from pydantic import BaseModel

from agno_temporal import Webhooks
from agno_temporal.follow.terminating import terminate
from agno_temporal.hitl import Action
from tests.support import Bench, eventually
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import confirm, gated, telling


class Order(BaseModel):
    count: int


async def test_a_run_tells_of_its_question_the_answer_and_its_end(bench: Bench, receiver: Receiver) -> None:
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver)):
        run_id = await bench.start(workflow, "x", user_id="u-1", session_id="s-1")
        [asked] = await bench.paused(run_id)
        [opened] = await receiver.has("requirement.opened")
        await confirm(bench, run_id)
        await bench.ended(run_id)
        await receiver.has("requirement.decided", "run.finished")
    assert sorted(receiver.types) == ["requirement.decided", "requirement.opened", "run.finished"]
    assert {one.data["run_id"] for one in receiver.taken} == {run_id}
    assert opened.data["requirement_id"] == asked.requirement.id
    assert opened.data["message"] == "Deploy?"
    assert opened.data["actions"] == ["confirm", "reject"]
    assert opened.data["user_id"] == "u-1"
    told = {one.type: one.data for one in receiver.taken}
    assert told["requirement.decided"]["decision"]["action"] == "confirm"
    assert told["requirement.decided"]["decision"]["decided_by"] == "ana"
    assert told["run.finished"]["status"] == "COMPLETED"
    assert len({one.id for one in receiver.taken}) == 3


async def test_the_timer_is_told_as_such_with_its_policy(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(timeout=1, on_timeout="skip")
    async with bench.worker(workflow, webhooks=telling(receiver)):
        await bench.start(workflow, "x")
        await receiver.has("requirement.expired", "run.finished")
    told = {one.type: one.data for one in receiver.taken}
    assert "requirement.decided" not in told
    assert told["requirement.expired"]["on_timeout"] == "skip"
    assert told["requirement.expired"]["decision"]["decided_by"] == "system:timer"


async def test_a_rejection_that_ends_the_run_is_told_before_it_closes(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(on_reject="cancel")
    async with bench.worker(workflow, webhooks=telling(receiver)):
        run_id = await bench.start(workflow, "x")
        await confirm(bench, run_id, Action.REJECT)
        await receiver.has("requirement.decided", "run.finished")
    told = {one.type: one.data for one in receiver.taken}
    assert told["requirement.decided"]["decision"]["action"] == "reject"
    assert told["run.finished"]["status"] == "CANCELLED"


async def test_a_cancelled_run_closes_its_question_and_says_how_it_ended(bench: Bench, receiver: Receiver) -> None:
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver)):
        run_id = await bench.start(workflow, "x")
        await bench.paused(run_id)
        await bench.runs.cancel(run_id)
        await receiver.has("requirement.opened", "requirement.decided", "run.finished")
    told = {one.type: one.data for one in receiver.taken}
    assert told["requirement.decided"]["decision"]["decided_by"] == "system:cancel"
    assert told["run.finished"]["status"] == "CANCELLED"


async def test_a_run_that_is_cancelled_before_it_begins_says_how_it_ended(bench: Bench, receiver: Receiver) -> None:
    workflow = gated()
    run_id = await bench.start(workflow, "x")
    await bench.runs.cancel(run_id)
    async with bench.worker(workflow, webhooks=telling(receiver)):
        [finished] = await receiver.has("run.finished")
    assert (finished.data["run_id"], finished.data["status"]) == (run_id, "CANCELLED")


async def test_a_run_that_is_cancelled_where_nobody_can_open_it_says_how_it_ended(
    bench: Bench, receiver: Receiver
) -> None:
    workflow, other = gated(), gated()
    other.name = "other"
    run_id = await bench.start(workflow, "x")
    await bench.runs.cancel(run_id)
    async with bench.worker(other, webhooks=telling(receiver)):
        [finished] = await receiver.has("run.finished")
    assert (finished.data["run_id"], finished.data["status"]) == (run_id, "CANCELLED")


async def test_nothing_of_what_steps_are_given_or_return_is_sent(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(requires_confirmation=False, requires_output_review=True, output_review_message="Good?")
    async with bench.worker(workflow, webhooks=telling(receiver)):
        run_id = await bench.start(workflow, "secret input", session_state={"key": "secret state"})
        await confirm(bench, run_id)
        await receiver.has("requirement.opened", "requirement.decided", "run.finished")
    assert "secret" not in json.dumps([one.body.decode() for one in receiver.taken])


async def test_an_endpoint_hears_only_of_its_events_and_its_workflows(bench: Bench, receiver: Receiver) -> None:
    workflow, other = gated(), gated(confirmation_message="Other?")
    other.name = "other"
    webhooks = Webhooks([receiver.webhook(events=["run.finished"], workflows=["gated"])])
    async with bench.worker(workflow, other, webhooks=webhooks):
        for one in (other, workflow):
            run_id = await bench.start(one, "x")
            await confirm(bench, run_id)
            await bench.ended(run_id)
        [finished] = await receiver.has("run.finished")
    assert finished.data["workflow_id"] == "gated"


async def test_a_run_that_cannot_be_opened_says_so(bench: Bench, receiver: Receiver) -> None:
    workflow = gated()
    workflow.input_schema = Order
    async with bench.worker(workflow, webhooks=telling(receiver)):
        await bench.client.start_workflow(
            "gated", {"input": {"count": "many"}}, id=f"{bench.task_queue}-r", task_queue=bench.task_queue
        )
        [finished] = await receiver.has("run.finished")
    assert (finished.data["status"], finished.data["error_type"]) == ("ERROR", "InputInvalid")


async def test_who_terminates_a_run_tells_of_its_end_and_of_one_that_others_terminated(
    bench: Bench, receiver: Receiver
) -> None:
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver)):
        ours, theirs = [await bench.start(workflow, "x", user_id="u-1") for _ in range(2)]
        for run_id in (ours, theirs):
            await bench.paused(run_id)
        await bench.client.get_workflow_handle(theirs).terminate()
        assert [await terminate(bench.client, one, "why") for one in (ours, ours, theirs)] == [True, False, False]

        async def both() -> bool:
            return receiver.types.count("run.finished") == 2

        await eventually("two ends", both)
    ends = [one.data for one in receiver.taken if one.type == "run.finished"]
    assert {end["run_id"] for end in ends} == {ours, theirs}
    assert {(end["status"], end["workflow_id"], end["user_id"]) for end in ends} == {("ERROR", "gated", "u-1")}
    assert "secret content" not in json.dumps(ends)

"""Nobody is there to judge a decision: its caller hears that the outcome is unknown, or has it left for the run.

The worst would be a decision that is taken twice, or one that is lost though its caller was told otherwise. So each is
sent again under its key, and what was left for the run is taken in the order in which Temporal recorded it, if that was
before the deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx import Response

from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision
from tests.api.deciding import IMPATIENT, Api, api_over, decided, opened, problem
from tests.running.outage import outage
from tests.running.scenes import FORM, scene
from tests.running.tools import HOUR, Clock, deadline_passes, deciders, event_counts, on_the_server, replays
from tests.support import Bench

GATE = {"requires_confirmation": True, "timeout": HOUR, "on_timeout": "skip"}
AT_ONCE = "respond-async, wait=0"


@pytest.fixture
async def api(bench: Bench) -> AsyncIterator[Api]:
    """An API that gives a worker less than half a second."""
    async with api_over(bench.client, bench.task_queue, IMPATIENT) as api:
        yield api


@pytest.fixture
async def patient(bench: Bench) -> AsyncIterator[Api]:
    async with api_over(bench.client, bench.task_queue) as api:
        yield api


@pytest.fixture
def clock(bench: Bench) -> Clock:
    return Clock(bench.client)


async def test_the_outcome_is_unknown_and_the_same_key_is_safe(bench: Bench, api: Api, patient: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
    unknown = await api.decide(run_id, requirement_id, "confirm", key="k")
    async with bench.worker(at.workflow):
        first = await patient.decide(run_id, requirement_id, "confirm", key="k")
        run = await bench.ended(run_id)
        again = await patient.decide(run_id, requirement_id, "confirm", key="k")

    assert problem(unknown, 503, "outcome-unknown")["idempotency_key"] == "k"
    assert int(unknown.headers["retry-after"]) > 0
    assert decided(first) == decided(again)
    assert deciders(run) == ["ana"]
    assert (await event_counts(bench.client, run_id))["WORKFLOW_EXECUTION_UPDATE_ACCEPTED"] == 1
    assert at.ran == ["before", "gate", "after"]


async def test_who_named_no_key_is_told_the_one_to_repeat_it_with(bench: Bench, api: Api, patient: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
    key = problem(await api.decide(run_id, requirement_id, "confirm"), 503, "outcome-unknown")["idempotency_key"]
    async with bench.worker(at.workflow):
        decided(await patient.decide(run_id, requirement_id, "confirm", key=key))


@pytest.mark.parametrize("prefer", ["respond-async", AT_ONCE, "respond-async, wait=1"])
async def test_it_is_left_for_the_run_where_that_is_preferred(
    bench: Bench, api: Api, patient: Api, prefer: str
) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
    left = await api.decide(run_id, requirement_id, "confirm", {"note": "go"}, key="k", prefer=prefer)
    again = await api.decide(run_id, requirement_id, "confirm", {"note": "go"}, key="k", prefer=prefer)
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)
        record = decided(await patient.decide(run_id, requirement_id, "confirm", {"note": "go"}, key="k"))
        late = await api.decide(run_id, requirement_id, "confirm", {"note": "go"}, key="k", prefer=prefer)

    assert decided(late) == record
    assert (left.status_code, left.json()["type"]) == (202, "accepted-for-delivery")
    assert left.headers["preference-applied"] == prefer
    assert left.json() == again.json()
    assert (record["decided_by"], record["feedback"]) == ("ana", "go")
    assert (deciders(run), run.refused) == (["ana"], ())


async def test_it_says_where_to_look_what_became_of_it(bench: Bench, api: Api, patient: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
    left = await api.decide(run_id, requirement_id, "confirm", prefer=AT_ONCE)
    async with bench.worker(at.workflow):
        await bench.ended(run_id)
        found = await patient.get(str(left.request.url.join(left.headers["location"])))

    assert found.json()["decision"]["decided_by"] == "ana"


async def test_with_a_worker_there_it_is_answered_though_less_was_preferred(bench: Bench, patient: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        decided(await patient.decide(run_id, requirement_id, "confirm", prefer="respond-async, wait=20"))


async def test_what_was_left_is_taken_in_the_order_in_which_it_was_recorded(bench: Bench, api: Api) -> None:
    at = scene(requires_user_input=True, user_input_schema=FORM)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
    for name, region in (("ana", 7), ("ben", "eu"), ("cleo", "us")):
        body = {"values": {"region": region}}
        assert (await api.decide(run_id, requirement_id, "input", body, by=name, prefer=AT_ONCE)).status_code == 202
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)

    assert deciders(run) == ["ben"]
    assert at.filled_in == [{"region": "eu"}]
    assert len(run.refused) == 2


async def test_it_beats_the_timer_if_it_was_recorded_in_time(bench: Bench, api: Api, clock: Clock) -> None:
    async def in_time(run_id: str, asked: Asked) -> None:
        answer = await api.decide(run_id, asked.requirement.id, "confirm", by="ana", prefer=AT_ONCE)
        assert answer.status_code == 202

    async def late(run_id: str, asked: Asked) -> None:
        await api.decide(run_id, asked.requirement.id, "reject", by="ben", prefer=AT_ONCE)

    at = scene(**GATE)
    run = await outage(bench, clock, at, in_time, late)
    assert deciders(run) == ["ana"]
    assert at.ran == ["before", "gate", "after"]


async def test_after_the_deadline_it_loses_to_the_timer(bench: Bench, api: Api, patient: Api, clock: Clock) -> None:
    async def late(run_id: str, asked: Asked) -> None:
        answer = await api.decide(run_id, asked.requirement.id, "confirm", by="ana", prefer=AT_ONCE)
        assert answer.status_code == 202

    at = scene(**GATE)
    run = await outage(bench, clock, at, late=late)
    answer = await patient.decide(run.run_id, run.asked[0].requirement.id, "confirm", by="ana")
    assert problem(answer, 409, "already-decided")["winner"]["decided_by"] == "system:timer"
    assert at.ran == ["before", "after"]


async def test_an_update_at_the_deadline_is_expired(bench: Bench, patient: Api, clock: Clock) -> None:
    """It reaches the run together with the timer, which the run has not heeded yet."""
    answers: list[asyncio.Future[Response]] = []

    async def late(run_id: str, asked: Asked) -> None:
        requirement_id = asked.requirement.id
        answers.append(asyncio.ensure_future(patient.decide(run_id, requirement_id, "confirm", key="k")))
        sent = Decision(requirement_id, Action.CONFIRM, decided_by="ana", decision_id="k")
        await on_the_server(bench.runs, run_id, sent)

    at = scene(**GATE)
    run = await outage(bench, clock, at, late=late)
    expired = problem(await answers[0], 409, "expired")
    assert expired["deadline"].endswith("Z")
    assert "on_timeout='skip' applies" in expired["detail"]
    assert deciders(run) == ["system:timer"]


async def test_the_deadline_passes(bench: Bench, patient: Api, clock: Clock) -> None:
    at = scene(**GATE)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        await clock.forward(run_id, HOUR + 1)
        await deadline_passes(bench.client, run_id)
        await bench.ended(run_id)
        [record] = (await patient.requirements(run_id))["decisions"]
    await replays(bench.client, run_id)

    assert (record["requirement_id"], record["action"]) == (requirement_id, "skip")
    assert record["decided_by"] == "system:timer"


async def test_the_run_is_ended_while_a_decision_waits_for_a_worker(bench: Bench, patient: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
    answer = asyncio.ensure_future(patient.decide(run_id, requirement_id, "confirm", key="k"))
    sent = Decision(requirement_id, Action.CONFIRM, decided_by="ana", decision_id="k")
    await on_the_server(bench.runs, run_id, sent)
    await bench.client.get_workflow_handle(run_id).terminate("no longer wanted")

    assert problem(await answer, 409, "run-closed")["run_status"] == "ERROR"
    left = await patient.decide(run_id, requirement_id, "confirm", key="k", prefer=AT_ONCE)
    problem(left, 409, "run-closed")


async def test_what_waits_cannot_be_read_without_a_worker(bench: Bench, api: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
    problem(await api.get(f"/v1/runs/{run_id}/requirements"), 503, "no-worker")
    problem(await api.get(f"/v1/runs/{run_id}/requirements/{requirement_id}"), 503, "no-worker")

"""A run's events can be joined at any time, at any number, by anybody, and none is missing or there twice."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from agno.workflow import HumanReview, Step, Workflow
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.client import NoWorker, RunError, RunNotFound
from agno_temporal.contract.events import EventsAsked
from agno_temporal.follow.pulse import Pulse
from agno_temporal.follow.replayed import page_of
from agno_temporal.hitl import Action, Decision
from tests.differential.blocks import agent, fails, flow, says, tells
from tests.streams.following import following
from tests.support import PATIENCE, Bench

NAMES = [
    "WorkflowStarted",
    *("StepPaused", "StepContinued", "StepStarted", "StepOutput", "StepCompleted"),
    *("StepStarted", "StepOutput", "StepCompleted", "WorkflowCompleted"),
]


def gated() -> Workflow:
    return flow(
        Step(name="gate", executor=lambda _: "open", human_review=HumanReview(requires_confirmation=True)), tells()
    )


async def confirm(bench: Bench, run_id: str) -> None:
    (asked,) = await bench.paused(run_id)
    await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana"))


async def read(bench: Bench, run_id: str, after: int = -1) -> list[tuple[int, Any]]:
    return [numbered async for numbered in bench.runs.events(run_id, after)]


async def test_numbers_begin_at_zero_and_have_no_gaps(bench: Bench) -> None:
    workflow = flow(says("a"), agent("Ann"), says("z"))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        events = [event async for event in durable.arun("go", stream=True, stream_events=True, run_id=bench.task_queue)]
        assert [number for number, _ in await read(bench, bench.task_queue)] == list(range(len(events)))


async def test_a_reader_follows_a_run_over_its_pauses_to_its_end(bench: Bench) -> None:
    workflow = gated()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        async with following(bench.runs, run_id) as followed:
            await followed.seen("StepPaused")
            await confirm(bench, run_id)
            await followed.end()
    assert followed.names == NAMES
    assert followed.numbers == list(range(len(NAMES)))


@pytest.mark.parametrize("after", [-1, 0, 4, len(NAMES) - 2, len(NAMES) - 1])
async def test_a_reader_who_joins_at_a_number_gets_what_follows_it(bench: Bench, after: int) -> None:
    workflow = gated()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await confirm(bench, run_id)
        await bench.ended(run_id)
        joined = await read(bench, run_id, after)
    assert [(number, event.event) for number, event in joined] == list(enumerate(NAMES))[after + 1 :]


async def test_a_number_amid_an_agents_events_is_one_like_any_other(bench: Bench) -> None:
    workflow = flow(agent("Ann"))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        whole = [
            event.event async for event in durable.arun("go", stream=True, stream_events=True, run_id=bench.task_queue)
        ]
        for after in range(len(whole)):
            assert [event.event for _, event in await read(bench, bench.task_queue, after)] == whole[after + 1 :]


@pytest.mark.parametrize(
    "last", [says("z"), fails("z", human_review=HumanReview(on_error="fail"))], ids=["well", "badly"]
)
async def test_a_run_that_has_ended_is_read_without_a_worker(bench: Bench, last: Step) -> None:
    workflow = flow(says("a"), agent("Ann"), last)
    seen: list[str] = []
    async with bench.worker(workflow):
        stream = bench.durable(workflow).arun("go", stream=True, stream_events=True, run_id=bench.task_queue)
        with suppress(RunError):
            async for event in stream:
                seen.append(event.event)
    assert [event.event for _, event in await read(bench, bench.task_queue)] == seen


async def test_a_run_that_waits_without_a_worker_is_not_told_to_have_ended(bench: Bench) -> None:
    workflow = gated()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        await bench.paused(run_id)
        total = await bench.runs.event_count(run_id)
    page = await page_of(bench.client, run_id, EventsAsked())
    assert (page.total, page.ended, page.events[-1].kind) == (total, False, "StepPaused")


async def test_a_stream_that_nobody_is_there_to_run_says_so(bench: Bench) -> None:
    with pytest.raises(NoWorker, match="no worker polls"):
        async for _ in bench.durable(flow(says("a"))).arun("go", stream=True):
            pass


async def test_leaving_a_stream_does_not_stop_the_run(bench: Bench) -> None:
    released = asyncio.Event()

    async def held(step_input: Any) -> str:
        await released.wait()
        return "done"

    workflow = flow(says("a"), Step(name="held", executor=held))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        stream = durable.arun("go", stream=True, stream_events=True, run_id=bench.task_queue)
        async for event in stream:
            if event.event == "StepCompleted":
                break
        await stream.aclose()
        released.set()
        assert (await bench.ended(bench.task_queue)).status == "COMPLETED"


async def test_a_stream_under_a_run_id_that_is_known_is_that_runs(bench: Bench) -> None:
    workflow = flow(says("a"))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        await durable.arun("go", run_id=bench.task_queue, session_id="s")
        again = durable.arun("go", run_id=bench.task_queue, session_id="s", stream=True, stream_events=True)
        assert [event.event async for event in again] == [
            *("WorkflowStarted", "StepStarted", "StepOutput", "StepCompleted", "WorkflowCompleted")
        ]


async def test_who_lacks_the_last_events_is_told_of_them_though_the_beat_of_the_end_is_still_on_its_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = gated()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        async with following(bench.runs, run_id) as followed:
            await followed.seen("StepPaused")
            last = followed.numbers[-1]
            with monkeypatch.context() as patched:
                patched.setattr(Pulse, "_tell", _say_nothing)
                assert not (await bench.runs.events_so_far(run_id, last)).events
                await confirm(bench, run_id)
                await bench.ended(run_id)
                is_over, page = await bench.runs.is_over(run_id, last), await bench.runs.events_so_far(run_id, last)
    told = [json.loads(event)["event"] for event in page.events]
    assert (is_over, told, page.ended) == (False, NAMES[last + 1 :], True)


def _say_nothing(pulse: Pulse, error: Exception | None) -> None:
    """A beat that is on its way."""


async def test_a_run_that_is_not_there_has_no_events(bench: Bench) -> None:
    with pytest.raises(RunNotFound):
        await read(bench, "no-such-run")


@pytest.mark.parametrize("run_id", ["", None])
async def test_an_id_that_no_run_can_have_is_refused_and_not_waited_for(bench: Bench, run_id: Any) -> None:
    with pytest.raises(RPCError) as refused:
        await asyncio.wait_for(read(bench, run_id), PATIENCE)
    assert refused.value.status is RPCStatusCode.INVALID_ARGUMENT

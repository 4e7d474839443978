"""What following a run costs: nothing in its history, and one poll for all its readers."""

from __future__ import annotations

import asyncio
import gc
from contextlib import AsyncExitStack

import pytest
from agno.workflow import HumanReview
from temporalio.client import Client

from agno_temporal.follow import pulse, results
from agno_temporal.follow.forms import Line
from tests.differential.blocks import agent, flow, says
from tests.streams.following import following
from tests.streams.test_joining import confirm, gated
from tests.support import Bench


async def events_in_history(bench: Bench, run_id: str) -> int:
    return len((await bench.client.get_workflow_handle(run_id).fetch_history()).events)


async def test_a_reader_leaves_no_trace_in_the_history(bench: Bench) -> None:
    lengths = []
    workflow = gated()
    async with bench.worker(workflow):
        for readers in (0, 3):
            run_id = await bench.start(workflow)
            async with AsyncExitStack() as stack:
                for _ in range(readers):
                    await stack.enter_async_context(following(bench.runs, run_id))
                await confirm(bench, run_id)
                await bench.ended(run_id)
            lengths.append(await events_in_history(bench, run_id))
    assert lengths[0] == lengths[1]


async def test_a_streamed_run_has_the_history_of_a_plain_one(bench: Bench) -> None:
    workflow = flow(says("a"), agent("Ann"))
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        await durable.arun("go", run_id=f"{bench.task_queue}-plain")
        async for _ in durable.arun("go", run_id=f"{bench.task_queue}-streamed", stream=True, stream_events=True):
            pass
        plain = await events_in_history(bench, f"{bench.task_queue}-plain")
        assert await events_in_history(bench, f"{bench.task_queue}-streamed") == plain


async def test_readers_of_one_run_share_one_poll(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    polled: list[str] = []

    class Counted(pulse.Pulse):
        def __init__(self, client: Client, run_id: str) -> None:
            polled.append(run_id)
            super().__init__(client, run_id)

    monkeypatch.setattr("agno_temporal.follow.feed.Pulse", Counted)
    workflow = gated()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        async with following(bench.runs, run_id) as one, following(bench.runs, run_id) as other:
            await asyncio.gather(one.seen("StepPaused"), other.seen("StepPaused"))
            await confirm(bench, run_id)
            await asyncio.gather(one.end(), other.end())
    assert polled == [run_id]
    assert one.names == other.names


async def test_who_asks_page_by_page_polls_nothing_and_sees_what_is_new(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled: list[str] = []

    class Counted(pulse.Pulse):
        async def _poll(self, client: Client, run_id: str) -> None:
            polled.append(run_id)
            await super()._poll(client, run_id)

    monkeypatch.setattr("agno_temporal.follow.feed.Pulse", Counted)
    gate = HumanReview(requires_confirmation=True)
    workflow = flow(says("a", human_review=gate), says("b", human_review=gate))
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await bench.paused(run_id)
        async with bench.runs._feeds.of(run_id):  # Others who ask, so that there is no moment without.
            before = await bench.runs.events_so_far(run_id)
            await confirm(bench, run_id)
            await bench.paused(run_id)
            after = await bench.runs.events_so_far(run_id)
    assert not polled
    assert len(after.events) > len(before.events)


async def test_what_is_sent_of_an_event_is_made_once_for_all_who_follow_the_run(bench: Bench) -> None:
    async def lines(run_id: str) -> list[Line]:
        return [line async for _, line in bench.runs.lines(run_id)]

    workflow = gated()
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        followers = [asyncio.create_task(lines(run_id)) for _ in range(3)]
        await confirm(bench, run_id)
        one, *others = await asyncio.gather(*followers)
    assert [line.name for line in one][-1] == "WorkflowCompleted"
    for other in others:
        assert all(theirs is line for theirs, line in zip(other, one, strict=True))


async def test_a_reader_of_a_long_run_keeps_few_of_its_outputs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "KEPT_BYTES", 20_000)
    gate = says("ship", human_review=HumanReview(requires_confirmation=True))
    workflow = flow(*(says(str(number), str(number) * 9_000) for number in range(6)), gate)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        async with following(bench.runs, run_id) as one, following(bench.runs, run_id) as other:
            await asyncio.gather(one.seen("StepPaused"), other.seen("StepPaused"))
            kept = [each._kept.bytes for each in gc.get_objects() if type(each) is results.Results]
            assert 0 < max(kept) <= 20_000
            await confirm(bench, run_id)
            await asyncio.gather(one.end(), other.end())
        contents = [event.content async for _, event in bench.runs.events(run_id) if event.event == "StepCompleted"]
    assert contents[:6] == [str(number) * 9_000 for number in range(6)]

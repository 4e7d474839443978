"""Who follows a run over `temporal workflow reset`, or waits for it, is told, and never takes it for ended."""

from __future__ import annotations

import asyncio

import pytest

from agno_temporal.client import RunPutBack
from tests.api.conftest import serve
from tests.api.following import Serve
from tests.api.served import problem
from tests.streams.following import following
from tests.support import Bench
from tests.upgrades.resets import Scene

__all__ = ["serve"]


async def at_the_second_gate(scene: Scene) -> int:
    """Returns the first task of the run, which has asked nothing."""
    await scene.start()
    await scene.decide("update")
    await scene.bench.paused(scene.run_id)
    return (await scene.tasks())[0]


async def test_a_reader_is_told_and_reads_all_of_it_again(bench: Bench) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        first = await at_the_second_gate(scene)
        events = bench.runs.events(scene.run_id)
        seen = [await anext(events)]
        while [event.event for _, event in seen].count("StepPaused") < 2:
            seen.append(await anext(events))
        await scene.reset(first)
        with pytest.raises(RunPutBack, match="Read them again from the first one"):
            await asyncio.wait_for(anext(events), 30)
        await bench.paused(scene.run_id)
        with pytest.raises(RunPutBack):
            await anext(bench.runs.events(scene.run_id, after=seen[-1][0]))
        async with following(bench.runs, scene.run_id) as again:
            await again.seen("StepPaused")
            await scene.decide("update")
            await scene.decide("update")
            await again.end()
    assert again.numbers == list(range(len(again.numbers)))
    assert again.names[-1] == "WorkflowCompleted"


async def test_whoever_waits_for_the_run_does_not_take_it_for_ended(bench: Bench) -> None:
    scene = Scene(bench, slow=True)
    async with bench.worker(scene.workflow):
        await scene.start()
        await scene.under_way("a")
        waiting = asyncio.create_task(bench.runs.wait(scene.run_id))
        await asyncio.sleep(0.2)  # For the poll to be on its way.
        await scene.reset((await scene.tasks())[0])
        await scene.under_way("a")
        scene.go_on.set()
        assert (await asyncio.wait_for(waiting, 30)).status == "PAUSED"


async def test_over_http_a_stream_ends_with_reset_and_the_browser_forgets_its_number(
    bench: Bench, serve: Serve
) -> None:
    scene = Scene(bench)
    async with serve(scene.workflow) as http:
        first = await at_the_second_gate(scene)
        place, stream = f"/runs/{scene.run_id}/events", {"Accept": "text/event-stream"}
        async with http.stream("GET", place, headers=stream) as answer:
            lines = answer.aiter_lines()
            while await anext(lines) != "event: StepPaused":
                pass
            await scene.reset(first)
            rest = [line async for line in lines]
        last = rest[rest.index("event: end") - 1 :]
        assert last[0] == "id: "
        assert '"reason":"reset"' in last[2]
        await bench.paused(scene.run_id)
        late = await http.get(place, headers={**stream, "Last-Event-ID": "500"})
        assert '"reason":"reset"' in late.text
        page = await http.get(place, params={"after": 500}, headers={"Accept": "application/json"})
        problem(page, 409, "run-put-back")

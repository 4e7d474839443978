"""A run's events over HTTP: agno's own, each with its number, to be joined at any time and at any number."""

from __future__ import annotations

import json

import pytest

from agno_temporal.follow import pulse
from tests.api.following import NAMES, Serve, confirm, gated
from tests.api.subscribing import Frame, frames, read, subscribed
from tests.differential.blocks import agent, flow, says
from tests.support import Bench, eventually


def numbered(stream: list[Frame]) -> list[Frame]:
    return [one for one in stream if one.id is not None]


async def test_a_stream_has_agnos_events_with_their_numbers_and_says_that_it_is_complete(
    bench: Bench, serve: Serve
) -> None:
    workflow = flow(says("a"), agent("Ann"), says("z"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow, "go")
        stream = await read(http, f"/runs/{run_id}/events")
        events = [event async for _, event in bench.runs.events(run_id)]
    assert [one.id for one in stream] == [*range(len(events)), None]
    assert [one.event for one in stream] == [*(event.event for event in events), "end"]
    assert [one.data for one in stream[:-1]] == [
        {"run_id": run_id} | json.loads(event.to_json(indent=None)) | {"event_index": number}
        for number, event in enumerate(events)
    ]
    assert stream[-1].data == {"event": "end", "run_id": run_id, "reason": "finished", "after": len(events) - 1}


async def test_a_stream_follows_a_run_over_its_pauses(bench: Bench, serve: Serve) -> None:
    workflow = gated()
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        async with subscribed(http, f"/runs/{run_id}/events") as (one,):
            await one.saw("StepPaused")
            await confirm(bench, run_id)
            await one.end()
    assert one.names == NAMES
    assert one.ids == [*range(len(NAMES))]


@pytest.mark.parametrize(
    ("query", "headers", "first"),
    [
        ("", {"Last-Event-ID": "3"}, 4),
        ("?after=3", {}, 4),
        ("?after=1", {"Last-Event-ID": "3"}, 4),
        ("?after=0", {}, 1),
    ],
)
async def test_a_client_goes_on_after_the_number_that_it_has(
    bench: Bench, serve: Serve, query: str, headers: dict[str, str], first: int
) -> None:
    workflow = gated()
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        await confirm(bench, run_id)
        stream = await read(http, f"/runs/{run_id}/events{query}", **headers)
    assert [one.id for one in numbered(stream)] == [*range(first, len(NAMES))]


async def test_a_client_that_has_all_is_told_that_there_is_nothing_more(bench: Bench, serve: Serve) -> None:
    workflow = flow(says("a"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        last = numbered(await read(http, f"/runs/{run_id}/events"))[-1]
        again = await http.get(f"/runs/{run_id}/events", headers={"Last-Event-ID": str(last.id)})
    assert (again.status_code, again.content) == (204, b"")


async def test_a_stream_can_end_with_the_next_pause(bench: Bench, serve: Serve) -> None:
    workflow = gated()
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        leg = await read(http, f"/runs/{run_id}/events?until=pause")
        await confirm(bench, run_id)
        rest = await read(http, f"/runs/{run_id}/events?until=pause&after={leg[-1].data['after']}")
    assert [one.event for one in leg] == [*NAMES[:2], "end"]
    assert [one.event for one in rest] == [*NAMES[2:], "end"]


async def test_previews_have_no_number(bench: Bench, serve: Serve) -> None:
    workflow = flow(agent("Ann"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow, "go", stream=True, stream_events=True)
        stream = await read(http, f"/runs/{run_id}/events?previews=true")
    ids = [one.id for one in numbered(stream)]
    assert ids == sorted(set(ids))


async def test_proxies_are_told_to_pass_every_event_on_at_once(bench: Bench, serve: Serve) -> None:
    workflow = flow(says("a"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        async with http.stream("GET", f"/runs/{run_id}/events") as response:
            headers = response.headers
            first = await anext(response.aiter_lines())
    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    assert first == "retry: 1000"


async def test_a_client_that_leaves_takes_everything_along(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls: list[pulse.Pulse] = []

    class Noted(pulse.Pulse):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)
            polls.append(self)

    monkeypatch.setattr("agno_temporal.follow.feed.Pulse", Noted)
    workflow = gated()
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        async with http.stream("GET", f"/runs/{run_id}/events") as response:
            assert (await anext(aiter(frames(response)))).event == "WorkflowStarted"

        async def stopped() -> bool:
            return all(one._task.done() for one in polls)

        await eventually("the end of the poll", stopped)
    assert len(polls) == 1

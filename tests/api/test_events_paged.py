"""Events as pages of JSON, for who cannot keep a connection open."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.following import NAMES, Serve, confirm, gated
from tests.differential.blocks import agent, flow, says
from tests.support import Bench

JSON = {"Accept": "application/json"}


async def page(http: httpx.AsyncClient, run_id: str, **query: Any) -> dict[str, Any]:
    answer = await http.get(f"/runs/{run_id}/events", params=query, headers=JSON)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_page_has_what_there_is_and_where_to_go_on(bench: Bench, serve: Serve) -> None:
    workflow = gated()
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        await bench.paused(run_id)
        first = await page(http, run_id)
        nothing = await page(http, run_id, after=first["after"])
        await confirm(bench, run_id)
        await bench.ended(run_id)
        rest = await page(http, run_id, after=first["after"])
    assert [one["event"] for one in first["events"]] == NAMES[:2]
    assert (first["after"], first["more"], first["ended"]) == (1, False, False)
    assert nothing == {"events": [], "after": 1, "more": False, "ended": False}
    assert [one["event"] for one in rest["events"]] == NAMES[2:]
    assert (rest["after"], rest["more"], rest["ended"]) == (len(NAMES) - 1, False, True)


async def test_pages_of_any_size_together_have_every_event_once(bench: Bench, serve: Serve) -> None:
    workflow = flow(says("a"), agent("Ann"), says("z"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow, "go")
        await bench.ended(run_id)
        total = await bench.runs.event_count(run_id)
        for limit in (1, 2, 7):
            found, body = [], await page(http, run_id, limit=limit)
            while True:
                assert len(body["events"]) <= limit
                found += [one["event_index"] for one in body["events"]]
                if not body["more"]:
                    break
                body = await page(http, run_id, limit=limit, after=body["after"])
            assert found == [*range(total)]
            assert body["ended"]


async def test_a_run_without_events_yet_has_an_empty_page(bench: Bench, serve: Serve) -> None:
    workflow = flow(says("a"))
    async with serve(workflow) as http:
        await bench.client.start_workflow("subject", {}, id=bench.task_queue, task_queue=bench.task_queue)
        body = await page(http, bench.task_queue, after=1_000)
    assert (body["events"], body["after"], body["more"]) == ([], 1_000, False)


async def test_what_anything_takes_is_a_stream_and_what_prefers_json_gets_json(bench: Bench, serve: Serve) -> None:
    workflow = flow(says("a"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow)
        await bench.ended(run_id)
        for accept, media_type in (
            ("*/*", "text/event-stream"),
            ("application/json, text/plain, */*", "application/json"),
            ("application/json;q=0.5, text/event-stream", "text/event-stream"),
        ):
            async with http.stream("GET", f"/runs/{run_id}/events", headers={"Accept": accept}) as answer:
                assert answer.headers["content-type"].startswith(media_type)
                assert answer.headers["cache-control"] == "no-store"

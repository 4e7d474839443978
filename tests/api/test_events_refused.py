"""What is wrong with a request for events is said before the stream begins; what goes wrong later, in the stream."""

from __future__ import annotations

import httpx
import pytest

from agno_temporal.follow import reader
from tests.api.following import Serve
from tests.api.subscribing import read
from tests.differential.blocks import flow, says
from tests.support import Bench

EVENTS = "/runs/no-such-run/events"


def fields(answer: httpx.Response) -> list[tuple[str, str]]:
    body = answer.json()
    assert answer.status_code == body["status"] == 422, body
    assert answer.headers["content-type"] == "application/problem+json"
    return [(one["in"], one["field"]) for one in body["errors"]]


async def test_an_unknown_run_is_no_stream(serve: Serve) -> None:
    async with serve(flow(says("a"))) as http:
        for accept in ("text/event-stream", "application/json"):
            answer = await http.get(EVENTS, headers={"Accept": accept})
            assert (answer.status_code, answer.json()["type"]) == (404, "run-not-found")


async def test_what_is_no_number_is_refused_before_the_stream(serve: Serve) -> None:
    async with serve(flow(says("a"))) as http:
        for value in ("-1", "+1", " 1", "1_0", "1.0", "a", "1e3", "\uff19", "9" * 16, ""):
            assert fields(await http.get(EVENTS, params={"after": value})) == [("query", "after")]
        for value in ("x", "-1", "1,2"):
            answer = await http.get(EVENTS, headers={"Last-Event-ID": value})
            assert fields(answer) == [("header", "last-event-id")]


async def test_options_that_are_not_there_are_not_ignored(serve: Serve) -> None:
    async with serve(flow(says("a"))) as http:
        assert fields(await http.get(EVENTS, params={"untill": "pause"})) == [("query", "untill")]
        assert fields(await http.get(EVENTS, params={"until": "tomorrow"})) == [("query", "until")]
        assert fields(await http.get(EVENTS, params={"limit": 5})) == [("query", "limit")]
        json = {"Accept": "application/json"}
        assert fields(await http.get(EVENTS, params={"until": "end", "previews": True}, headers=json)) == [
            ("query", "until"),
            ("query", "previews"),
        ]


async def test_other_media_than_a_stream_and_json_are_not_there(serve: Serve) -> None:
    async with serve(flow(says("a"))) as http:
        answer = await http.get(EVENTS, headers={"Accept": "image/png, application/xml"})
    assert (answer.status_code, answer.json()["type"]) == (406, "not-acceptable")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/event-stream;q=0, application/json", "application/json"),
        ("text/event-stream; Q=0.000, */*", "application/json"),
        ("text/*;q=0, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", "text/event-stream"),
        ("text/event-stream;q=0.1", "text/event-stream"),
        ("text/event-stream;q=0", "application/problem+json"),
        ("*/*;q=0", "application/problem+json"),
    ],
)
async def test_a_form_that_is_weighed_with_0_is_not_given(
    bench: Bench, serve: Serve, accept: str, media_type: str
) -> None:
    workflow = flow(says("a"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow, "x")
        await bench.ended(run_id)
        answer = await http.get(f"/runs/{run_id}/events", headers={"Accept": accept})

    assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("name", ["Accept", "Last-Event-ID"])
async def test_an_empty_header_is_as_none(bench: Bench, serve: Serve, name: str) -> None:
    workflow = flow(says("a"))
    async with serve(workflow) as http:
        run_id = await bench.start(workflow, "x")
        await bench.ended(run_id)
        answer = await http.get(f"/runs/{run_id}/events", headers={"Accept": "text/event-stream", name: ""})

    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    assert "WorkflowStarted" in answer.text


async def test_what_goes_wrong_within_a_stream_is_its_last_event(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = flow(says("a"))
    monkeypatch.setattr(reader, "TROUBLE_AFTER", 0.05)
    async with serve(workflow, worker=False) as http:
        run_id = await bench.start(workflow)
        (last,) = await read(http, f"/runs/{run_id}/events")
    assert (last.event, last.data["type"], last.data["status"], last.id) == ("error", "no-worker", 503, None)

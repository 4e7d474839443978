"""`events --follow` of an API, as networks and what is on them treat its stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from agno_temporal.api.event_stream import KEEPALIVE, frame
from agno_temporal.cli import remote_events, remote_http
from tests.cli.conftest import Cli

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"

END = frame("end", b'{"event":"end","reason":"finished"}')

FOLLOW = ("events", "r1", "--follow", "--json")


def event(number: int, content: str = "x") -> bytes:
    data = {"event": "StepCompleted", "event_index": number, "content": content}
    return frame("StepCompleted", json.dumps(data, ensure_ascii=False).encode(), number)


def refusal(status: int, said: str = "", pause: int = 0) -> bytes:
    """An answer of the API, or of what stands before it."""
    body = json.dumps({"type": said, "detail": f"It is {said}."}).encode()
    head = f"HTTP/1.1 {status} Said\r\ncontent-type: application/problem+json\r\nretry-after: {pause}\r\n"
    return f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body


class Api:
    """Gives the answers that it `has`, one for each request, and leaves after each; at None it says nothing more.

    Attributes:
        asked: The heads of the requests.
        moments: When they came.
    """

    def __init__(self) -> None:
        self.has: list[list[bytes | None]] = []
        self.asked: list[str] = []
        self.moments: list[float] = []
        self.port = 0
        self.may_leave = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.moments.append(asyncio.get_running_loop().time())
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        for part in self.has.pop(0):
            if part is None:
                await self.may_leave.wait()
                break
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.close()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    api = Api()
    async with await asyncio.start_server(api, "127.0.0.1", 0) as listening:
        api.port = listening.sockets[0].getsockname()[1]
        yield api
        api.may_leave.set()


@pytest.fixture
def far(api: Api) -> Cli:
    """Commands against it."""
    cli = Cli("127.0.0.1:1", "nowhere")
    cli.environment["AGNO_TEMPORAL_API_URL"] = f"http://127.0.0.1:{api.port}"
    return cli


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for takes no time."""
    monkeypatch.setattr(remote_http, "SILENCE", 0.5)
    monkeypatch.setattr(remote_events, "COME_BACK_AFTER", 0.01)


def told(said: str) -> list[tuple[int, str]]:
    return [(one["event_index"], one["content"]) for one in map(json.loads, said.rstrip("\n").split("\n"))]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
async def test_what_only_some_take_for_the_end_of_a_line_ends_none(api: Api, far: Cli, separator: str):
    """An API of the version before sends them as they are."""
    content = f"above{separator}below"
    api.has = [[HEAD, event(0, content), event(1), END]]
    assert told(await far.ok(*FOLLOW)) == [(0, content), (1, "x")]


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r"])
async def test_lines_may_end_as_the_specification_says(api: Api, far: Cli, line_end: bytes):
    api.has = [[HEAD, (event(0) + END).replace(b"\n", line_end)]]
    assert told(await far.ok(*FOLLOW)) == [(0, "x")]


async def test_a_stream_may_come_in_any_parts(api: Api, far: Cli):
    stream = (event(0, "für ☕") + END).replace(b"\n", b"\r\n")
    api.has = [[HEAD, *(stream[place : place + 1] for place in range(len(stream)))]]
    assert told(await far.ok(*FOLLOW)) == [(0, "für ☕")]


def test_a_connection_is_silent_after_three_comments_that_did_not_come():
    assert remote_http.SILENCE == 3 * KEEPALIVE


@pytest.mark.usefixtures("soon")
async def test_a_connection_that_died_silently_is_left_for_another_behind_its_last_number(api: Api, far: Cli):
    """As at a router that has forgotten it, which tells neither side."""
    api.has = [[HEAD, event(0), event(1), None], [HEAD, event(2), END]]
    assert [number for number, _ in told(await far.ok(*FOLLOW))] == [0, 1, 2]
    assert "last-event-id: 1" in api.asked[1].lower()


@pytest.mark.usefixtures("soon")
async def test_a_connection_is_kept_while_the_api_says_that_it_is_there(api: Api, far: Cli):
    api.has = [[HEAD, *[b": keepalive\n\n"] * 30, event(0), END]]
    assert told(await far.ok(*FOLLOW)) == [(0, "x")]


@pytest.mark.usefixtures("soon")
async def test_a_run_that_waits_is_followed_over_any_number_of_such_connections(
    api: Api, far: Cli, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(remote_events, "GIVE_UP_AFTER", 2)
    api.has = [*[[HEAD, b": keepalive\n\n", None]] * 3, [HEAD, event(0), END]]
    assert told(await far.ok(*FOLLOW)) == [(0, "x")]


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("told", [[], [[HEAD, event(0)]]], ids=["at once", "later"])
async def test_an_answer_that_is_no_stream_is_told_and_not_asked_for_again(
    api: Api, far: Cli, told: list[list[bytes | None]]
):
    """As of a proxy whose session is over."""
    login = b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\r\n<html>Who are you?</html>"
    api.has = [*told, *[[login]] * 9]
    assert "/v1/runs/r1/events answered with text/html, and no stream of events" in await far.refused(2, *FOLLOW)
    assert len(api.asked) == len(told) + 1


@pytest.mark.usefixtures("soon")
async def test_an_api_that_never_answers_is_given_up(api: Api, far: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_events, "GIVE_UP_AFTER", 2)
    api.has = [[None], [None]]
    assert "No API answers at" in await far.refused(3, *FOLLOW)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_an_api_that_is_away_for_a_moment_is_come_back_to(api: Api, far: Cli, status: int):
    """As behind a load balancer, while the API is restarted."""
    api.has = [[HEAD, event(0)], [refusal(status)], [refusal(status)], [HEAD, event(1), END]]
    assert [number for number, _ in told(await far.ok(*FOLLOW))] == [0, 1]
    assert "last-event-id: 0" in api.asked[3].lower()


@pytest.mark.usefixtures("soon")
async def test_it_is_come_back_to_when_it_would_like_to_be(api: Api, far: Cli):
    api.has = [[HEAD, event(0)], [refusal(503, pause=1)], [HEAD, END]]
    await far.ok(*FOLLOW)
    assert api.moments[2] - api.moments[1] >= 1


@pytest.mark.usefixtures("soon")
async def test_one_that_stays_away_is_given_up_with_what_it_said(api: Api, far: Cli, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_events, "GIVE_UP_AFTER", 5)
    api.has = [[HEAD, event(0)], *[[refusal(503, "temporal-unavailable")]] * 5]
    assert "It is temporal-unavailable." in await far.refused(3, *FOLLOW)


@pytest.mark.usefixtures("soon")
async def test_one_that_has_never_answered_is_given_up_as_soon_as_by_any_command(api: Api, far: Cli):
    api.has = [[refusal(429, "too-many-streams")]] * remote_http.ATTEMPTS
    assert "It is too-many-streams." in await far.refused(3, *FOLLOW)
    assert len(api.asked) == remote_http.ATTEMPTS


@pytest.mark.usefixtures("soon")
async def test_a_worker_that_is_missing_is_said_at_once(api: Api, far: Cli):
    """It is not there in a moment, and the next command says so too."""
    api.has = [[HEAD, event(0)], [refusal(503, "no-worker")]]
    assert "It is no-worker." in await far.refused(3, *FOLLOW)

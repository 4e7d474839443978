"""The frame that a stream of events ends with: one line of data for every client, whatever text stands in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

from starlette.requests import Request

from agno_temporal.api.event_stream import Numbered, _frames
from agno_temporal.api.problems import Problem
from agno_temporal.follow.forms import Line

TEXT = "a\u2028b\u2029c\x85d"


async def last_of(lines: Numbered, run_id: str) -> dict[str, object]:
    """The document of the last frame, as a client has it that splits a stream as Python splits a text."""
    request = Request({"type": "http", "path": "/v1/runs/r/events", "headers": [], "server": ("localhost", 80)})
    *_, last = [one async for one in _frames(lines, run_id, -1, request, asyncio.Event())]
    _, data, rest = last.decode().splitlines()
    assert rest == ""
    document: dict[str, object] = json.loads(data.removeprefix("data: "))
    return document


async def test_the_words_of_an_error_end_no_line() -> None:
    async def broken() -> AsyncGenerator[tuple[int | None, Line], None]:
        raise Problem(503, "unreadable", TEXT)
        yield

    assert (await last_of(broken(), "r"))["detail"] == TEXT


async def test_a_run_s_id_ends_no_line() -> None:
    async def nothing() -> AsyncGenerator[tuple[int | None, Line], None]:
        for one in ():
            yield one

    assert (await last_of(nothing(), TEXT))["run_id"] == TEXT

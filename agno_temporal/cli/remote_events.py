"""A run's events over HTTP, from one number to the run's end, whatever breaks on the way.

The API's stream ends with a word (`api.event_stream`): finished, shutdown, or reset. Ended in any other way it was cut,
and is taken up again behind the last number.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import unquote

import httpx

from agno_temporal.cli.backend import Document
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.cli.remote_http import ATTEMPTS, Http, NotNow
from agno_temporal.follow.errors import RunPutBack

STREAM: Final = "text/event-stream"

PAGE: Final = 500

COME_BACK_AFTER: Final = 1.0
"""Seconds until a stream that was cut is taken up again."""

GIVE_UP_AFTER: Final = 30
"""Attempts in a row at which nobody answered, or with an error for now. Before the first answer, as any command."""

LONGEST_PAUSE: Final = 60.0
"""Seconds until a stream is taken up again at most, whatever the API would like."""

_REMEDY: Final = "is there an API of agno-temporal at this address, or something before it that wants a login?"

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


async def followed(http: Http, run_id: str, after: int, until: str) -> AsyncGenerator[Document, None]:
    """The events behind a number, until the run has ended or, with "pause", only a decision can move it.

    Raises:
        Failed: There is no such run, or nobody answers any more.
    """
    silent, most = 0, ATTEMPTS
    while True:
        pause = COME_BACK_AFTER
        try:
            async with aclosing(_stream(http, run_id, after, until)) as events:
                async for name, event in events:
                    silent, most = 0, GIVE_UP_AFTER
                    if name == "end" and event["reason"] == "finished":
                        return
                    if name == "end" and event["reason"] == "reset":
                        raise Failed(str(RunPutBack(unquote(run_id))), ExitCode.NO_ANSWER)
                    if name == "error":
                        raise Failed(str(event.get("detail")), ExitCode.NO_ANSWER)
                    if "event_index" in event:
                        after = event["event_index"]
                        yield event
        except httpx.TransportError as error:
            silent += 1
            if silent >= most:
                raise http.unreachable(error) from error
        except NotNow as error:
            silent += 1
            if silent >= most:
                raise
            pause = min(max(pause, error.pause), LONGEST_PAUSE)
        await asyncio.sleep(pause)


async def so_far(http: Http, run_id: str, after: int) -> AsyncGenerator[Document, None]:
    """The events behind a number that there are now."""
    more = True
    while more:
        page = await http.get(f"/runs/{run_id}/events", limit=PAGE, after=after if after >= 0 else None)
        for event in page["events"]:
            yield event
        more = page["more"]
        after = after if page["after"] is None else page["after"]


async def _stream(http: Http, run_id: str, after: int, until: str) -> AsyncGenerator[tuple[str, Document], None]:
    """That somebody has answered, with no data, and what is told: a run that waits tells nothing for days.

    Raises:
        Failed: It was not the API that answered. A proxy's login page comes with 200 too, and would again.
    """
    headers = {"Accept": STREAM}
    if after >= 0:
        headers["Last-Event-ID"] = str(after)
    async with http.stream(f"/runs/{run_id}/events", headers, until=until) as answer:
        if answer.status_code == 204:
            yield "end", {"reason": "finished"}
            return
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != STREAM:
            address = answer.request.url.copy_with(query=None)
            raise Failed(
                f"{address} answered with {kind or 'something'}, and no stream of events: {_REMEDY}", ExitCode.USAGE
            )
        yield "answered", {}
        async with aclosing(_frames(_lines(answer.aiter_bytes()))) as frames:
            async for frame in frames:
                yield frame


async def _lines(parts: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """Those that have an end: LF, CRLF or CR. httpx ends them at U+2028 too, in the midst of an event's JSON."""
    begun, behind_cr = list[bytes](), False
    async for part in parts:
        *ended, rest = _LINE_END.split(part.removeprefix(b"\n") if behind_cr else part)
        for line in ended:
            yield b"".join([*begun, line]).decode(errors="replace")
            begun.clear()
        begun.append(rest)
        behind_cr = part.endswith(b"\r")


async def _frames(lines: AsyncIterator[str]) -> AsyncGenerator[tuple[str, Document], None]:
    """Names and data of a stream of server-sent events whose data are JSON."""
    name, data = "message", list[str]()
    async for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line and data:
            document: Any = json.loads("\n".join(data))
            yield name, document
        if not line:
            name, data = "message", []
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)

"""One client's stream of server-sent events, from its first byte to whatever ends it.

What ends it is said, because a client must know whether to come back: ``end`` with ``finished`` where the stream is
complete, ``end`` with ``shutdown`` where this server stops, and ``error`` with a problem. These have no number. A run
that was reset counts its events anew from somewhere: ``end`` with ``reset`` has an empty number, so that a browser
forgets the last one, and comes back for all of them.

Servers wait for every open answer when they stop, and a stream would keep them for ever. `sse_starlette` notices when
uvicorn has got a signal; a server that is stopped in another way says so itself (`stopping`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from agno_temporal.agno_bridge.event_text import unbroken
from agno_temporal.api.answers import json_bytes
from agno_temporal.api.problems import Problem, as_problem, problem_response
from agno_temporal.api.stopping import stopping
from agno_temporal.api.streams import Streams
from agno_temporal.client import RunPutBack
from agno_temporal.follow.forms import Line

KEEPALIVE: Final = 15
"""Seconds between comments: proxies close what is silent for a minute."""

COME_BACK_AFTER: Final = 1_000
"""Milliseconds until a browser comes back."""

TAKES_NOTHING: Final = 60.0
"""Seconds in which a client takes nothing until it is left."""

GOODBYE: Final = 2.0
"""Seconds for the last words at a shutdown."""

Numbered = AsyncGenerator[tuple[int | None, Line], None]

logger = logging.getLogger("agno_temporal.api")


class EventStream(EventSourceResponse):
    """The answer that streams a run's events; a problem, where the caller has too many of them open."""

    def __init__(
        self, lines: Numbered, run_id: str, after: int, request: Request, streams: Streams, caller: str
    ) -> None:
        self._request, self._streams, self._caller = request, streams, caller
        stops: Any = stopping(request)
        super().__init__(
            _frames(lines, run_id, after, request, stops),
            sep="\n",
            ping=KEEPALIVE,
            ping_message_factory=lambda: ServerSentEvent(comment="keepalive", sep="\n"),
            send_timeout=TAKES_NOTHING,
            shutdown_event=stops,
            shutdown_grace_period=GOODBYE,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._streams.one_more(self._caller):
                await super().__call__(scope, receive, send)
        except Problem as problem:
            await problem_response(problem, self._request)(scope, receive, send)
        except SendTimeoutError:
            logger.info("%s: left a client that took nothing for %.0f s", scope["path"], TAKES_NOTHING)


async def _frames(
    lines: Numbered, run_id: str, after: int, request: Request, stops: asyncio.Event
) -> AsyncIterator[bytes]:
    yield f"retry: {COME_BACK_AFTER}\n\n".encode()
    reason = "shutdown"
    try:
        async with aclosing(_until(lines, stops)) as numbered:
            async for number, line in numbered:
                after = after if number is None else number
                yield frame(line.name, line.data, number)
        reason = "shutdown" if stops.is_set() else "finished"
    except RunPutBack:
        yield b"id: \n" + _end(run_id, "reset", -1)
        return
    except Exception as error:
        yield _last("error", as_problem(error, request).body(request.url.path))
        return
    yield _end(run_id, reason, after)


def _end(run_id: str, reason: str, after: int) -> bytes:
    last = {"event": "end", "run_id": run_id, "reason": reason, "after": None if after < 0 else after}
    return _last("end", last)


def _last(name: str, document: Any) -> bytes:
    """A frame of this stream's own. What it says is somebody else's text as well: an id, or an error's words."""
    return frame(name, unbroken(json_bytes(document).decode()).encode())


async def _until(lines: Numbered, stops: asyncio.Event) -> Numbered:
    """The lines until there are no more, or this server stops.

    They are read by a task of their own, one ahead. The client's leaving ends this generator in the midst of anything,
    and what follows a run must be able to end in peace.
    """
    ready = asyncio.Queue[tuple[int | None, Line] | Exception | None](1)
    reading = asyncio.create_task(_read(lines, ready))
    _READING.add(reading)
    reading.add_done_callback(_READING.discard)
    stop = asyncio.ensure_future(stops.wait())
    try:
        while not stop.done():
            taking = asyncio.ensure_future(ready.get())
            try:
                await asyncio.wait([taking, stop], return_when=asyncio.FIRST_COMPLETED)
                one = taking.result() if taking.done() else None
            finally:
                taking.cancel()
            if isinstance(one, Exception):
                raise one
            if one is None:
                return
            yield one
    finally:
        stop.cancel()
        reading.cancel()


async def _read(lines: Numbered, ready: asyncio.Queue[tuple[int | None, Line] | Exception | None]) -> None:
    try:
        async with aclosing(lines):
            async for one in lines:
                await ready.put(one)
        await ready.put(None)
    except Exception as error:
        await ready.put(error)


_READING: Final = set[asyncio.Task[None]]()
"""A task that nobody holds may be thrown away while it runs."""


def frame(name: str, data: bytes, number: int | None = None) -> bytes:
    """One event as it is sent. The data is JSON in which nobody finds the end of a line (`event_text.unbroken`).

    >>> frame("StepStarted", b'{"step_name":"build"}', 2)
    b'id: 2\\nevent: StepStarted\\ndata: {"step_name":"build"}\\n\\n'
    """
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {' '.join(name.split())}\n".encode(errors="replace") + b"data: " + data + b"\n\n"

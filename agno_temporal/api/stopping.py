"""What a request waits for, when its server stops.

A server that stops waits for the requests that are under way, and breaks those off that take longer than it has: their
callers get a bare 500, which says neither that their run is started nor under which key a decision is to be sent again.
So what may take as long as a run or a worker likes hears of the stop, and is answered as if its own time were over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import HTTPConnection

STOPPING: Final = "agno_temporal.stopping"
"""In a request's scope: an `asyncio.Event` for the end of the server."""


class ServerStops(Exception):
    """The server stops, and what was waited for is broken off."""


def stopping(connection: HTTPConnection) -> asyncio.Event:
    """Set when the server of a request stops; never, where it says nothing of it."""
    event: asyncio.Event | None = connection.scope.get(STOPPING)
    return asyncio.Event() if event is None else event


@asynccontextmanager
async def until_it_stops(stopping: asyncio.Event, seconds: float = 0.0) -> AsyncIterator[None]:
    """Break the block off, so many seconds after the server was told to stop.

    Raises:
        ServerStops: It was broken off.
    """
    try:
        async with asyncio.timeout(None) as limit:
            watching = asyncio.ensure_future(_end(limit, stopping, seconds))
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError as error:
        if limit.expired():
            raise ServerStops from error
        raise


async def _end(limit: asyncio.Timeout, stopping: asyncio.Event, seconds: float) -> None:
    await stopping.wait()
    limit.reschedule(asyncio.get_running_loop().time() + seconds)

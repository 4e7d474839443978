"""A stream lasts longer than the credentials that it was opened with.

Who calls is asked when a request begins, and a stream's request ends weeks later. So it is asked again while the stream
lasts: a key that is revoked, or may do less now, or a token that has run out, ends the streams that it opened within
seconds too. That it cannot be said at the moment ends nothing. It is no request of the caller's, and costs none: five
hundred open streams would else use up what their caller may send.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from agno_temporal.api.access import Access, Scope, refuse_without, unlimited
from agno_temporal.api.problems import Problem

logger = logging.getLogger("agno_temporal.api")

T = TypeVar("T")

EVERY = 5.0
"""Seconds between two questions."""


async def while_known(
    access: Access, connection: HTTPConnection, items: AsyncGenerator[T, None], scope: Scope
) -> AsyncGenerator[T, None]:
    """The items, for as long as the caller is known, and has the scope.

    Raises:
        Problem, HTTPException: 401 or 403, the caller is not known any longer, or may not do this any longer.
    """
    asked = time.monotonic()
    async with aclosing(items):
        coming = asyncio.ensure_future(_next(items))
        try:
            while True:
                await asyncio.wait([coming], timeout=EVERY)
                if time.monotonic() - asked >= EVERY:
                    await _refuse_unknown(access, connection, scope)
                    asked = time.monotonic()
                if not coming.done():
                    continue
                match coming.result():
                    case []:
                        return
                    case [item]:
                        coming = asyncio.ensure_future(_next(items))
                        yield item
        finally:
            coming.cancel()
            await asyncio.wait([coming])


async def _next(items: AsyncGenerator[T, None]) -> list[T]:
    """The next item; none at the end."""
    try:
        return [await anext(items)]
    except StopAsyncIteration:
        return []


async def _refuse_unknown(access: Access, connection: HTTPConnection, scope: Scope) -> None:
    try:
        refuse_without(scope, await unlimited(access).principal(connection))
    except Problem as problem:
        if problem.status in (401, 403):
            raise
    except HTTPException as error:
        if error.status_code in (401, 403):
            raise
    except Exception as error:  # Whatever the access of the host app raises.
        logger.warning("whether the caller of a stream is still known could not be asked: %s", error)

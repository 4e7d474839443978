"""Reads of the database, on threads of their own where it is not asynchronous, and no longer than somebody waits for.

A database that is cut off from the network takes a connection and says nothing, for minutes. On the loop's own threads,
of which there are a handful, a few lists that somebody has open would then be in the way of all that runs there: keys
could not be read any more, and nobody could decide, of runs that have no database either.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from agno_temporal.activities.local import looked_at
from agno_temporal.agno_bridge.database_errors import DatabaseSilent

T = TypeVar("T")

THREADS = 8

PATIENCE = 8.0
"""Seconds. SQLite waits five for a lock before it says so."""


class Reads:
    """Runs reads of a database that is not asynchronous, and bounds those of any."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="agno-temporal-reads")

    async def __call__(self, work: Callable[[], T], /) -> T:
        """
        Raises:
            DatabaseSilent: It did not answer. What it was asked goes on in its thread, until the database's client
                gives up; what had no thread yet is dropped.
        """
        return await self.in_time(asyncio.wrap_future(self._pool.submit(contextvars.copy_context().run, work)))

    async def in_time(self, answer: Awaitable[T]) -> T:
        """
        Raises:
            DatabaseSilent: It did not answer, or cannot be reached. The read is not waited for when it is cancelled: it
                may have to take leave of a server that says nothing to that either.
        """
        asked = asyncio.ensure_future(answer)
        asked.add_done_callback(looked_at)
        try:
            done, _ = await asyncio.wait([asked], timeout=PATIENCE)
        finally:
            asked.cancel()
        if not done:
            raise DatabaseSilent(f"The database did not answer within {PATIENCE:g} s.")
        try:
            return asked.result()
        except OSError as error:  # Of asyncpg, which SQLAlchemy hands on as it is.
            raise DatabaseSilent(f"The database cannot be reached: {error}") from error

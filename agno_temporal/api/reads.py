"""Reads of the database, on threads of their own where it is not asynchronous, and no longer than somebody waits for.

A database that is cut off from the network takes a connection and says nothing, for minutes. On the loop's own threads,
of which there are a handful, a few lists that somebody has open would then be in the way of all that runs there: keys
could not be read any more, and nobody could decide, of runs that have no database either.

What is given up before it has a thread stays in the pool's queue until a thread comes to it. So while every thread is
held by a read that was given up nothing is put there: it would be memory without a bound, for an answer that nobody
gets.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
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
        self._begun: dict[object, float] = {}

    async def __call__(self, work: Callable[[], T], /) -> T:
        """
        Raises:
            DatabaseSilent: It did not answer, or has not answered what holds all threads. What it was asked goes on in
                its thread, until the database's client gives up; what had no thread yet is dropped.
        """
        if self._all_given_up():
            raise DatabaseSilent(f"The database has not answered {THREADS} reads for more than {PATIENCE:g} s.")
        context = contextvars.copy_context()
        return await self.in_time(asyncio.wrap_future(self._pool.submit(self._run, context, work)))

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

    def _run(self, context: contextvars.Context, work: Callable[[], T]) -> T:
        """In a thread."""
        this = object()
        self._begun[this] = time.monotonic()
        try:
            return context.run(work)
        finally:
            del self._begun[this]

    def _all_given_up(self) -> bool:
        begun = list(self._begun.values())
        return len(begun) == THREADS and time.monotonic() - max(begun) >= PATIENCE

"""Reads of the database, on threads of their own, and no longer than somebody waits for.

A database that is cut off from the network takes a connection and says nothing, for minutes. On the loop's own threads,
of which there are a handful, a few lists that somebody has open would then be in the way of all that runs there: keys
could not be read any more, and nobody could decide, of runs that have no database either.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from agno_temporal.agno_bridge.database_errors import DatabaseSilent

T = TypeVar("T")

THREADS = 8

PATIENCE = 8.0
"""Seconds. SQLite waits five for a lock before it says so."""


class Reads:
    """Runs reads of a database that is not asynchronous."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="agno-temporal-reads")

    async def __call__(self, work: Callable[[], T], /) -> T:
        """
        Raises:
            DatabaseSilent: It did not answer. What it was asked goes on in its thread, until the database's client
                gives up; what had no thread yet is dropped.
        """
        answer = asyncio.wrap_future(self._pool.submit(contextvars.copy_context().run, work))
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError as error:
            raise DatabaseSilent(f"The database did not answer within {PATIENCE:g} s.") from error

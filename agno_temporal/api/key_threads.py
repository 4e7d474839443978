"""Threads in which a database is asked for API keys, so that one that says nothing holds no others.

A thread that was given up stays until the database's client gives up, which may take a quarter of an hour. On the event
loop's own threads, of which there are some six on two cores, each reading left one behind, and after half a minute no
file could be read and no name be looked up: bearers of tokens, who need no such database, had no answer either.

So these are its own, and while one is held that nobody waits for any more the next question is refused. Not for ever:
a connection that has died without a word holds its thread long after the database is back. So another is tried once in
a while, as long as there are threads for it.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from agno_temporal.agno_bridge.database_errors import DatabaseSilent

T = TypeVar("T")

THREADS = 8
"""One is made only when those before it are held."""

ANOTHER = 60.0
"""Seconds after the beginning of a question that was given up, in which no other is asked."""


class KeyThreads:
    """For questions of one kind: a row that somebody has locked can be read all the same."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="agno-temporal-keys")
        self._left: list[tuple[float, Future[Any]]] = []

    async def __call__(self, work: Callable[[], T], /) -> T:
        """
        Raises:
            DatabaseSilent: An earlier question was given up, and still holds its thread.
        """
        begun = time.monotonic()
        self._left = [(since, asked) for since, asked in self._left if not asked.done()]
        if self._left and (len(self._left) >= THREADS or begun - self._left[-1][0] < ANOTHER):
            raise DatabaseSilent("The database has not answered what it was asked before.")
        asked = self._pool.submit(contextvars.copy_context().run, work)
        try:
            return await asyncio.wrap_future(asked)
        finally:
            if not asked.done():
                self._left.append((begun, asked))

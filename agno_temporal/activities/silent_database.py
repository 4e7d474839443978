"""A database that takes a question and says nothing: a lock that somebody holds, a connection that died without a word.

An attempt that waits for it has not failed, so nobody is told what the run waits for, and that may be hours. So it has
an end, and the next one begins. What was asked goes on in its thread: where it lands after all, the next attempt finds
its own write there (`agno_bridge.row_order`).

And what waits holds what all runs of this worker need: one of its few workflow tasks, one of its steps, a thread. Some
ninety runs of such a database, and every other run, of workflows that have none as well, waited twenty seconds. So a
database that has said nothing is not asked locally for a while, nor by more than a few regular attempts at once; and
its questions have threads of their own.
"""

from __future__ import annotations

import time
import weakref
from asyncio import timeout
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from agno_temporal.activities.local import BOUND, bounded
from agno_temporal.agno_bridge.database_errors import DatabaseSilent

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds."""

REST = 10.0
"""Seconds, in which a database is not asked locally that has said nothing to a local attempt."""

WAITING = 10
"""As many regular attempts wait for a database that says nothing. Any other fails at once, and is made again."""

THREADS = 16
"""For each database. agno's PostgreSQL has 15 connections."""


@dataclass
class _Asked:
    """One database. The moments are of `time.monotonic`."""

    pool: ThreadPoolExecutor
    rests_until: float = 0.0
    waiting: list[float] = field(default_factory=list)

    def silent(self) -> int:
        """How many regular attempts wait that have waited for longer than an answer takes."""
        now = time.monotonic()
        return sum(1 for begun in self.waiting if now - begun >= BOUND)


class Databases:
    """The databases that the runs of one worker process are written to."""

    def __init__(self) -> None:
        self._asked: dict[int, _Asked] = {}

    def pool(self, db: object) -> ThreadPoolExecutor:
        """The threads in which it is asked."""
        return self._of(db).pool

    async def at_once(self, db: object | None, work: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """What the work gives, if that is a matter of milliseconds, or `otherwise` (`activities.local`).

        Args:
            db: What the work asks, if anything.
        """
        if db is None:
            return await bounded(work(), otherwise)
        asked, begun = self._of(db), time.monotonic()
        if begun < asked.rests_until or asked.silent():
            return otherwise
        answer = await bounded(work(), otherwise)
        if time.monotonic() - begun >= BOUND:
            asked.rests_until = time.monotonic() + REST
        return answer

    async def answered(self, db: object | None, work: Callable[[], Awaitable[T]]) -> T:
        """What the work gives.

        Raises:
            DatabaseSilent: It has taken too long, or does so for others.
        """
        if db is None:
            return await work()
        asked, begun = self._of(db), time.monotonic()
        if asked.silent() >= WAITING:
            raise DatabaseSilent(f"The database does not answer: {WAITING} attempts of this worker wait. {_LOOK}")
        asked.waiting.append(begun)
        limit = timeout(PATIENCE)
        try:
            async with limit:
                return await work()
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise DatabaseSilent(f"The database did not answer within {PATIENCE:g} s. {_LOOK}") from error
        finally:
            asked.waiting.remove(begun)

    def _of(self, db: object) -> _Asked:
        if id(db) not in self._asked:
            self._asked[id(db)] = _Asked(ThreadPoolExecutor(THREADS, thread_name_prefix="agno-rows"))
            weakref.finalize(db, self._asked.pop, id(db), None)
        return self._asked[id(db)]


_LOOK = "Look for what holds a lock there (pg_stat_activity), and whether its connections are alive."

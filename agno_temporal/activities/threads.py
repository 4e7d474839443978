"""Threads for synchronous user code, so that a slow step never blocks the worker's event loop.

The loop's default pool has a handful of threads; forty slow steps would queue behind each other although Temporal has
given this worker all of them. So there are as many threads here as the worker takes activities. Local activities have
their own few: they must answer in milliseconds, whatever else runs.

A function that calls `sys.exit`, or raises what else is no `Exception`, would end the event loop that waits for it,
with every other run of this worker, and again at each attempt. And a `StopIteration`, which a `next` raises that finds
nothing, cannot be handed over to a loop at all: whoever waits would wait for ever. So here these are exceptions like
any other.

agno runs the synchronous tools of agents and teams on the loop's default pool (agno/models/base.py:2609), and so do the
look-up of names and our storage of large payloads in files: six slow tools on two cores, and no other run of the worker
gets on. So that pool has as many threads as there are steps, and some more.

A function cannot be stopped from outside. One whose attempt timed out or was cancelled keeps running, and a second
attempt beside it would do its work twice at the same time; so on the same worker the next attempt waits for it.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from agno_temporal.activities.local import looked_at
from agno_temporal.contract.errors import text_of

T = TypeVar("T")

LOCAL_THREADS = 8

SPARE_THREADS = 16
"""Beside one for each step's tool."""


class Exited(Exception):
    """User code called `sys.exit`, or raised something else that is to end more than itself."""

    def __init__(self, error: BaseException) -> None:
        if isinstance(error, SystemExit):
            super().__init__(f"sys.exit({error.code!r}) was called")
        else:
            super().__init__(f"{type(error).__name__}: {text_of(error)}")


def widen(loop: asyncio.AbstractEventLoop, steps: int) -> None:
    """Give the loop a default pool with room for so many steps. One that somebody has chosen stays."""
    pool = getattr(loop, "_default_executor", None)
    if pool is None or getattr(pool, "_thread_name_prefix", None) == "asyncio":
        loop.set_default_executor(ThreadPoolExecutor(steps + SPARE_THREADS, thread_name_prefix="agno-tool"))
        if pool is not None:
            pool.shutdown(wait=False)


class Threads:
    """The pools of one worker process. Threads are made when they are needed, and reused."""

    def __init__(self, size: int = 100) -> None:
        self._size = size
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="agno-step")
        self.local = ThreadPoolExecutor(LOCAL_THREADS, thread_name_prefix="agno-local")
        self._running: dict[str, Future[object]] = {}

    def grow(self, size: int) -> None:
        """Make room for at least so many steps at once. Steps that run already stay in their pool."""
        if size > self._size:
            self._size = size
            self._pool = ThreadPoolExecutor(size, thread_name_prefix="agno-step")

    async def run(self, function: Callable[[], T]) -> T:
        """Run off the loop, with the caller's context variables."""
        return await asyncio.wrap_future(self._submit(self._pool, function))

    def exclusively(
        self, key: str, pool: ThreadPoolExecutor | None = None
    ) -> Callable[[Callable[[], T]], Awaitable[T]]:
        """A `run`, or one in that pool, that first waits for what still runs under the key."""
        pool = pool or self._pool

        async def run(function: Callable[[], T]) -> T:
            while (before := self._running.get(key)) is not None and not before.done():
                waited = asyncio.wrap_future(before)
                waited.add_done_callback(looked_at)
                await asyncio.wait([waited])
            future = self._submit(pool, function)
            self._running[key] = future  # type: ignore[assignment]
            future.add_done_callback(lambda done: self._forget(key, done))
            return await asyncio.wrap_future(future)

        return run

    def _forget(self, key: str, done: Future[T]) -> None:
        if self._running.get(key) is done:
            del self._running[key]

    @staticmethod
    def _submit(pool: ThreadPoolExecutor, function: Callable[[], T]) -> Future[T]:
        return pool.submit(contextvars.copy_context().run, _staying, function)


def _staying(function: Callable[[], T]) -> T:
    try:
        return function()
    except StopIteration as error:
        raise RuntimeError("coroutine raised StopIteration") from error  # As Python says it of a coroutine.
    except (Exception, asyncio.CancelledError):
        raise
    except BaseException as error:
        raise Exited(error) from error

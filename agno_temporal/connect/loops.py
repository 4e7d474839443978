"""Synchronous calls over an asynchronous client, from anywhere.

A synchronous call blocks its thread, and there may be an event loop on it: in a notebook there always is. So calls run
on a loop of our own, on a thread of our own. That loop is never closed: Temporal's client hands its answers over from
threads that Python does not know, and one that comes to a closed loop brings the process down (temporalio 1.35). One of
a runtime that has ended is closed a moment later.

Two callers cannot be served. Each would wait for ever, so each is told what to do instead: one that blocks the very
loop on which the worker would do the work, and one in a process that was forked. A fork has none of its parent's
threads, neither the loop's nor those of Temporal's runtime, of which a process has one.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, Coroutine, Iterator
from concurrent import futures
from contextlib import suppress
from typing import Any, TypeVar

from agno_temporal.connect.leaving import HAND_OVER, wait_at_exit

T = TypeVar("T")

CLEAN_UP = 5.0
"""Seconds that interrupted work is given to end."""

LOOK_EVERY = 0.2
"""Seconds after which a caller looks whether it was interrupted. The system may hand a signal to any thread; Python has
the main thread act on it, and does not wake it for that (a fifth of the Ctrl-C that came while another thread was at
work were not seen, CPython 3.11)."""

_worker_loops: dict[asyncio.AbstractEventLoop, int] = {}


class LoopThread:
    """An event loop on a daemon thread."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end, and wait for it. Interrupting the wait (Ctrl-C) cancels the work, and lets it clean up."""
        tasks: list[asyncio.Task[T]] = []

        async def tracked() -> T:
            tasks.append(asyncio.ensure_future(work))
            return await tasks[0]

        future = asyncio.run_coroutine_threadsafe(tracked(), self.loop)
        try:
            while not futures.wait([future], LOOK_EVERY).done:
                pass
            return future.result()
        except BaseException:
            if not future.done() and tasks:
                self.loop.call_soon_threadsafe(tasks[0].cancel)
                with suppress(BaseException):
                    future.result(CLEAN_UP)
            raise

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        time.sleep(HAND_OVER)
        self.loop.close()


_shared: LoopThread | None = None
_process: int | None = None
"""The first that had a client."""
_lock = threading.Lock()


def call(work: Coroutine[Any, Any, T], instead: str) -> T:
    """Run a coroutine for a synchronous caller.

    Args:
        instead: The name of the asynchronous method that the caller should await where this cannot work.

    Raises:
        RuntimeError: The caller blocks the loop of a worker in this process; or the process is a fork of one that had
            a client.
    """
    global _shared
    if _running_loop() in _worker_loops:
        work.close()
        raise RuntimeError(f"This call would block the event loop that runs the worker. Await {instead}() instead.")
    try:
        has_client()
    except RuntimeError:
        work.close()
        raise
    with _lock:
        _shared = _shared or LoopThread("agno-temporal-calls")
    return _shared.call(work)


def has_client() -> None:
    """This process has a client, or makes one.

    Raises:
        RuntimeError: It was forked from one that had a client.
    """
    global _process
    wait_at_exit()
    _process = _process or os.getpid()
    if _process != os.getpid():
        raise RuntimeError(
            "This process was forked from one that has a client of Temporal, whose runtime does not survive a fork. "
            'Start it with the start method "spawn" (multiprocessing.get_context("spawn")), or before the first client '
            "is made, and make its client in it."
        )


def iterate(items: AsyncGenerator[T, None], instead: str) -> Iterator[T]:
    """Iterate over what an asynchronous generator yields, for a synchronous caller. Who leaves early closes it.

    Nobody waits for that. It may be the garbage collector who leaves, on any thread: on that of the loop that has to
    close it, or on a worker's.
    """

    async def next_one() -> list[T]:
        try:
            return [await anext(items)]
        except StopAsyncIteration:
            return []

    async def close() -> None:
        await items.aclose()

    try:
        while found := call(next_one(), instead):
            yield found[0]
    finally:
        if _shared is not None:
            asyncio.run_coroutine_threadsafe(close(), _shared.loop)


def worker_starts(loop: asyncio.AbstractEventLoop) -> None:
    wait_at_exit()
    _worker_loops[loop] = _worker_loops.get(loop, 0) + 1


def worker_ends(loop: asyncio.AbstractEventLoop) -> None:
    _worker_loops[loop] -= 1
    if not _worker_loops[loop]:
        del _worker_loops[loop]


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

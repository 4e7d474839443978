"""What many ask for is read once, within a bound, and kept for a while.

Probes and scrapers ask all the time, from several places, and most of all when something is wrong. None of them may
add to the trouble: so one reading is under way at a time, whoever asks waits for it no longer than is agreed, and what
comes of it, a failure too, is the answer for as long as it is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SHARE: Final = 20
"""A reading is not begun again before so many times as long as the last one took: it takes a twentieth at most."""

AT_ONCE: Final = 1
"""The same for a reading that costs next to nothing, and takes long only where nobody answers: it is known within as
long again that somebody does."""


class Once(Generic[T]):
    """A reading that all who ask share.

    Args:
        keep: Seconds for which its answer is taken again.
        within: Seconds that anybody waits for it.
        share: For how many times as long as it took its answer is taken again, where that is longer.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], keep: float, within: float, share: int = SHARE) -> None:
        self._read = read
        self._keep = keep
        self._within = within
        self._share = share
        self._task: asyncio.Task[T | Exception] | None = None
        self._until = 0.0

    async def get(self) -> T:
        """
        Raises:
            TimeoutError: It takes longer. It goes on, and whoever asks next waits for the same.
            Exception: Whatever it raised.
        """
        task = self._task
        if task is None or (self._is_old() if task.done() else task.get_loop() is not asyncio.get_running_loop()):
            task = self._task = asyncio.create_task(self._timed())
        if not task.done():
            await asyncio.wait([task], timeout=self._within)
        if not task.done():
            raise TimeoutError(f"no answer within {self._within:g} s")
        answer = task.result()
        if isinstance(answer, Exception):
            raise answer.with_traceback(None)
        return answer

    def _is_old(self) -> bool:
        return time.monotonic() >= self._until

    async def _timed(self) -> T | Exception:
        began = time.monotonic()
        try:
            return await self._read()
        except Exception as error:
            return error
        finally:
            now = time.monotonic()
            self._until = now + max(self._keep, self._share * (now - began))

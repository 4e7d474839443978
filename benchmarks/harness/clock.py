"""How long something took, and how many of it there are in a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def seconds(work: Awaitable[Any]) -> float:
    """How long the work took."""
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def per_second(work: Callable[[], Awaitable[Any]], times: int, at_once: int) -> float:
    """How many are done in a second, with so many under way."""
    room = asyncio.Semaphore(at_once)

    async def one() -> None:
        async with room:
            await work()

    return times / await seconds(asyncio.gather(*(one() for _ in range(times))))

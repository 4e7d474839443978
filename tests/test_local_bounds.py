"""A local activity answers in time, whatever its work does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from agno_temporal.activities.local import BOUND, bounded


async def answers(text: str) -> str:
    return text


async def raises() -> str:
    raise ValueError("no answer")


async def hangs() -> str:
    await asyncio.sleep(60)
    return "too late"


async def hangs_on() -> str:
    """As a database driver does that first tells its server, which is gone."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(BOUND)
    return "too late"


async def test_it_gives_what_its_work_gives() -> None:
    assert await bounded(answers("in time"), "otherwise") == "in time"


async def test_it_says_otherwise_where_its_work_fails() -> None:
    assert await bounded(raises(), "otherwise") == "otherwise"


async def test_it_gives_up_what_hangs_even_where_that_does_not_let_itself_be_cancelled() -> None:
    async def took(work: Awaitable[str]) -> float:
        began = time.monotonic()
        assert await bounded(work, "otherwise") == "otherwise"
        return time.monotonic() - began

    assert max(await asyncio.gather(took(hangs()), took(hangs_on()))) < 1.9 * BOUND

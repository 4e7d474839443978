"""A reading that many ask for is made once, and waited for only so long."""

from __future__ import annotations

import asyncio

import pytest

from agno_temporal.api.once import AT_ONCE, Once


async def test_all_who_ask_at_once_share_one_reading_and_its_answer_is_kept() -> None:
    readings = 0

    async def read() -> int:
        nonlocal readings
        readings += 1
        await asyncio.sleep(0)
        return readings

    once = Once(read, keep=60, within=10)
    assert await asyncio.gather(*(once.get() for _ in range(50))) == [1] * 50
    assert await once.get() == 1


async def test_an_answer_that_is_old_is_read_anew() -> None:
    readings = iter(range(10))

    async def read() -> int:
        return next(readings)

    once = Once(read, keep=0, within=10)
    assert await once.get() == 0
    await asyncio.sleep(0.01)
    assert await once.get() == 1


async def test_a_failure_is_an_answer_and_is_kept_as_well() -> None:
    readings = 0

    async def read() -> int:
        nonlocal readings
        readings += 1
        raise ValueError("no")

    once = Once(read, keep=60, within=10)
    for _ in range(3):
        with pytest.raises(ValueError, match="no"):
            await once.get()
    assert readings == 1


async def test_a_reading_that_takes_too_long_is_waited_for_again_and_not_begun_again() -> None:
    readings, done = 0, asyncio.Event()

    async def read() -> int:
        nonlocal readings
        readings += 1
        await done.wait()
        return readings

    once = Once(read, keep=60, within=0.01)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await once.get()
    done.set()
    await asyncio.sleep(0)
    assert await once.get() == 1


def test_it_serves_one_loop_after_the_other() -> None:
    async def read() -> str:
        await asyncio.sleep(0)
        return "read"

    once = Once(read, keep=60, within=10)
    assert [asyncio.run(once.get()) for _ in range(2)] == ["read", "read"]


async def test_what_is_dear_is_kept_for_many_times_as_long_as_it_took_and_what_is_cheap_only_once() -> None:
    readings = 0

    async def read() -> int:
        nonlocal readings
        readings += 1
        await asyncio.sleep(0.05)
        return readings

    dear, cheap = Once(read, keep=0, within=10), Once(read, keep=0, within=10, share=AT_ONCE)
    assert [await dear.get(), await cheap.get()] == [1, 2]
    await asyncio.sleep(0.15)
    assert [await dear.get(), await cheap.get()] == [1, 3]

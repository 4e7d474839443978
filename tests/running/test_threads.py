"""Synchronous code in threads of its own (`activities/threads.py`)."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest

from agno_temporal.activities.threads import Threads


async def test_who_waits_for_a_function_that_fails_does_not_log_its_failure_as_lost() -> None:
    logged: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    may_fail = threading.Event()

    def fails() -> None:
        may_fail.wait()
        raise ValueError("out of honey")

    run = Threads().exclusively("row")
    first = asyncio.ensure_future(run(fails))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(run(lambda: "done"))
    await asyncio.sleep(0)
    may_fail.set()
    with pytest.raises(ValueError, match="out of honey"):
        await first
    assert await second == "done"
    del first, second
    gc.collect()
    assert logged == []

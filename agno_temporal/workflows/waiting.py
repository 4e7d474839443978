"""Waiting with a timer, the same on every Python.

`workflow.wait_condition(timeout=...)` is `asyncio.wait_for`, which Python 3.12 wrote anew: it goes on after another
number of turns of the loop. Where something else goes on in the same workflow task, the two then make their calls in
another order, and a run that was opened on a worker with Python 3.11 cannot be replayed by one with 3.12. A timer of
its own, and a condition without one, take the same turns everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from temporalio import workflow

NEXT_TASK: Final = 0.001
"""Seconds: a timer that brings about the next workflow task."""


async def until(condition: Callable[[], bool], seconds: float, summary: str) -> bool:
    """Wait until the condition holds, or for so long.

    Args:
        summary: What Temporal's lists say of the timer.

    Returns:
        Whether the time is over.
    """
    timer = asyncio.create_task(workflow.sleep(seconds, summary=summary))
    try:
        await workflow.wait_condition(lambda: condition() or timer.done())
    except BaseException:
        timer.cancel()
        raise
    fired = timer.done()
    timer.cancel()
    await workflow.wait([timer])  # Temporal is told of it before anything that comes next.
    return fired

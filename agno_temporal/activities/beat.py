"""Heartbeats beside a step, so that a killed worker is noticed in seconds.

A beat proves that the process lives, not that the function gets on. It also carries the one number that must outlive
the worker: how often the step's own code has failed. Temporal counts attempts, but a lost worker is an attempt too, and
must not use up one of the step's retries (agno's `max_retries`); so the count travels in the heartbeat's details.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from temporalio import activity

INTERVAL = 1.0


def failures_so_far() -> int:
    """How often the step's own code has failed before this attempt."""
    details = activity.info().heartbeat_details
    return details[0] if details and isinstance(details[0], int) else 0


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Beat while the block runs. A local activity has nobody to beat for."""
    if activity.info().is_local:
        yield
        return
    task = asyncio.ensure_future(_beat(failures_so_far()))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _beat(failures: int) -> None:
    timeout = activity.info().heartbeat_timeout or timedelta(seconds=4 * INTERVAL)
    while True:
        activity.heartbeat(failures)
        await asyncio.sleep(min(INTERVAL, timeout.total_seconds() / 4))

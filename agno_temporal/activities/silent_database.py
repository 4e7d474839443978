"""A database that takes a question and says nothing: a lock that somebody holds, a connection that died without a word.

An attempt that waits for it has not failed, so nobody is told what the run waits for, and that may be hours. So it has
an end, and the next one begins. What was asked goes on in its thread: where it lands after all, the next attempt finds
its own write there (`agno_bridge.row_order`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from agno_temporal.agno_bridge.database_errors import DatabaseSilent

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds."""


async def answered(work: Awaitable[T]) -> T:
    """What the work gives.

    Raises:
        DatabaseSilent: It has taken too long.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await work
    except TimeoutError as error:
        raise DatabaseSilent(
            f"The database did not answer within {PATIENCE:g} s. Look for what holds a lock there (pg_stat_activity), "
            "and whether its connections are alive."
        ) from error

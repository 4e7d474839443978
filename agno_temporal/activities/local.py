"""Local activities bound themselves.

A local activity that raises, or that Temporal times out, looks different when it runs and when it is replayed; code
that heeds the difference cannot be replayed (TMPRL1100). So none raises and none is ever timed out: each gives up by
itself, long before Temporal would, and says so as data. The workflow then asks a regular activity.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

BOUND = 2.0
"""Seconds. Longer, and it would hold up update replies and queries of the same run."""


async def bounded(work: Awaitable[T], otherwise: T) -> T:
    """What the work gives, or `otherwise` where it fails or takes too long.

    Work that is given up is not waited for: a database driver that is cancelled may first wait for a server that is
    gone.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(looked_at)
    try:
        await asyncio.wait([task], timeout=BOUND)
        return task.result() if task.done() else otherwise
    except Exception:
        return otherwise
    finally:
        task.cancel()


def looked_at(task: asyncio.Future[T]) -> None:
    """A failure that nobody asks for would be logged as lost."""
    if not task.cancelled():
        task.exception()

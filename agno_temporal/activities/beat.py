"""Heartbeats beside a step, so that a killed worker is noticed in seconds.

A beat proves that the process lives, not that the function gets on. It also carries the one number that must outlive
the worker: how often the step's own code has failed. Temporal counts attempts, but a lost worker is an attempt too, and
must not use up one of the step's retries (agno's `max_retries`); so the count travels in the heartbeat's details. What
else a delivery must know of the attempts before stands behind it (`activities.deliver`).

It is never encrypted. An attempt whose heartbeat cannot be read fails for good (temporalio 1.35), so that a worker with
an old set of keys would end a run that another one had tried.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from agno_temporal.contract.sealed import IN_PLAIN

INTERVAL = 1.0


def failures_so_far(before: int = 0) -> int:
    """How often the step's own code has failed before this attempt.

    Args:
        before: How often before the first attempt of this activity.
    """
    details = activity.info().heartbeat_details
    return details[0] if details and isinstance(details[0], int) else before


def beat(failures: int, *beside: float) -> None:
    """Tell how often the step's own code has failed, and numbers beside it, until the next beat."""
    metadata = {"encoding": b"json/plain", IN_PLAIN: b"1"}
    activity.heartbeat(*(RawValue(Payload(metadata=metadata, data=str(one).encode())) for one in (failures, *beside)))


@contextmanager
def beating(before: int = 0) -> Iterator[None]:
    """Beat while the block runs. A local activity has nobody to beat for.

    For Temporal an attempt's start is its first beat. One more at that moment would be a request, and an action, for
    each step that takes less than a second. After a failure its number is told at once.
    """
    info = activity.info()
    if info.is_local:
        yield
        return
    failures = failures_so_far(before)
    timeout = info.heartbeat_timeout or timedelta(seconds=4 * INTERVAL)
    pause = min(INTERVAL, timeout.total_seconds() / 4)
    beats = _Beats(failures, pause)
    try:
        yield
    finally:
        beats.coming.cancel()


class _Beats:
    """One after the other. A task for them would cost each step twice as much.

    The first one waits for the loop's next turn: what the block itself tells before that stands, since of two beats in
    a moment Temporal's client sends the first.
    """

    def __init__(self, failures: int, pause: float) -> None:
        self._failures = failures
        self._pause = pause
        self._loop = asyncio.get_running_loop()
        self.coming: asyncio.Handle = (
            self._loop.call_soon(self._next) if failures else self._loop.call_later(pause, self._next)
        )

    def _next(self) -> None:
        beat(self._failures)
        self.coming = self._loop.call_later(self._pause, self._next)

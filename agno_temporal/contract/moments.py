"""Moments as every reader outside gets them: one form, in what the API answers and in what a receiver is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(at: float) -> str:
    """A moment in UTC, to the second.

    >>> moment(0.9)
    '1970-01-01T00:00:00Z'

    Args:
        at: Seconds since the epoch.
    """
    return (EPOCH + timedelta(seconds=int(at))).isoformat().replace("+00:00", "Z")

"""Token buckets: how many requests a caller may make, kept per process.

A bucket holds what may come at once, and fills up steadily; a request takes one out. What was never taken from is full,
so full buckets are forgotten, and a stranger who comes from a million addresses takes a bounded amount of memory.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 10_000
"""Buckets that are kept. Beyond it, the ones that were used longest ago are forgotten."""


@dataclass(frozen=True)
class Rate:
    """So many a second, and so many at once."""

    per_second: float
    burst: int


class Buckets:
    """A bucket for each name. Time is the caller's, in seconds."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, name: str, now: float) -> float:
        """Take one. 0 where there was one; else in how many seconds there will be, and nothing is taken."""
        left, since = self._levels.pop(name, (float(self._rate.burst), now))
        left = min(float(self._rate.burst), left + (now - since) * self._rate.per_second)
        missing = max(0.0, 1.0 - left)
        self._levels[name] = (left if missing else left - 1.0, now)
        if len(self._levels) > MOST:
            del self._levels[next(iter(self._levels))]
        return missing / self._rate.per_second

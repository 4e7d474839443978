"""What no worker is asked for a while: lately none was there, or what it said was too large for a query.

A replay answers meanwhile. It is noted beyond a run's readers, of whom each would find it out for itself.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from typing import Final

UNASKED_FOR: Final = 5.0
"""Seconds until a worker is asked again."""


class Unasked:
    """A run by its id, or a question to it."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}

    def note(self, what: Hashable) -> None:
        now = time.monotonic()
        self._until = {one: until for one, until in self._until.items() if until > now}
        self._until[what] = now + UNASKED_FOR

    def __contains__(self, what: Hashable) -> bool:
        return time.monotonic() < self._until.get(what, 0.0)

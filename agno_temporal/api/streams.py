"""How many streams a caller may have open at once.

Each stream holds a connection, two tasks and a place in a poll for as long as its run lasts, which may be months. No
rate bounds that: one request a second is a million open streams in a fortnight. So they are counted while they last, by
caller, in this process. What is over the limit is refused before anything is sent, and whoever asks learns what to do:
leave one of the others, or ask for pages of events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from agno_temporal.api.problems import RETRY_AFTER, Problem

MOST: Final = 500
"""Of one caller, where nobody says otherwise."""


class Streams:
    """The streams that are open, by caller.

    Args:
        most: Of one caller, at once.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, caller: str) -> Iterator[None]:
        """A stream of this caller is open for the length of the block.

        Raises:
            Problem: 429, it has as many as it may have.
        """
        if self._open[caller] >= self._most:
            detail = (
                f"You have {self._most} streams open at this server, and may have no more. Close one, or ask for pages "
                "of events (Accept: application/json)."
            )
            raise Problem(429, "too-many-streams", detail, {"limit": self._most}, RETRY_AFTER)
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]

"""How long a caller waits for an answer, and what shall happen when none comes: the header `Prefer` (RFC 7240).

A decision needs a worker to judge it. Where none answers, the caller is told so and may send it again; or has asked
beforehand that it be left for the run then (``respond-async``), after a time of its own (``wait``), or at once
(``wait=0``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,6})\"?")


@dataclass(frozen=True)
class Preferences:
    """What a caller would like. `wait` is None for as long as the server waits anyway."""

    respond_async: bool = False
    wait: timedelta | None = None

    @property
    def at_once(self) -> bool:
        """Whether no answer is wanted at all."""
        return self.respond_async and self.wait == timedelta()

    def applied(self) -> str:
        """What `Preference-Applied` says of an answer that did not wait any longer."""
        seconds = None if self.wait is None else int(self.wait.total_seconds())
        return "respond-async" if seconds is None else f"respond-async, wait={seconds}"


def preferences(headers: Iterable[str]) -> Preferences:
    """The preferences in a request's headers. What is unknown is left to others, as the RFC has it; of a preference
    that is named twice, the first counts.

    >>> preferences(["respond-async; foo=bar, wait=2", "wait=9"])
    Preferences(respond_async=True, wait=datetime.timedelta(seconds=2))
    """
    said = [one.partition(";")[0].strip().lower() for header in headers for one in header.split(",")]
    waits = [match for match in map(_WAIT.fullmatch, said) if match is not None]
    wait = timedelta(seconds=int(waits[0][1])) if waits else None
    return Preferences("respond-async" in said, wait)

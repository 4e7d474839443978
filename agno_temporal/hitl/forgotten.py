"""Questions that were answered so long ago that their run has forgotten them.

A run that asks thousands of questions cannot carry all of them along, and whoever answers an old one again must not be
told that it was never asked. The id of a question follows from its place and its number there, and a place asks one
question after the other. So one number for each place is enough to know every question of it that is forgotten.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agno_temporal.hitl.requirement import Requirement


def requirement_id(run_id: str, path: str, occurrence: int) -> str:
    """The same on every replay, and no other requirement's in any run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{run_id}/{path}?{occurrence}"))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Of each path, up to which occurrence its questions are forgotten. All of them were answered."""

    run_id: str = ""
    until: Mapping[str, int] = field(default_factory=dict)

    def path_of(self, wanted: str) -> str | None:
        """Where a forgotten question was asked; None of any other id."""
        for path, last in self.until.items():
            if any(requirement_id(self.run_id, path, one) == wanted for one in range(1, last + 1)):
                return path
        return None

    def plus(self, answered: Iterable[Requirement]) -> Forgotten:
        """With these, which were answered before all others of their paths."""
        until = dict(self.until)
        for one in answered:
            until[one.path] = max(one.occurrence, until.get(one.path, 0))
        return Forgotten(self.run_id, until)

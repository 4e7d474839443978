"""The session state of a run, and how the branches of a Parallel change it at the same time.

In agno the branches share one dict (agno/workflow/parallel.py:332); here they run on different workers. So a branch
works on a fork, and the forks are merged in the order of the branches, key by key, against what they started from:
two branches that change different keys both keep their change, and of two that change the same key the later one wins.

Values are encoded and never changed in place, so that forks may share them.
"""

from __future__ import annotations

from typing import cast

from agno_temporal.contract.tasks import StateChange
from agno_temporal.plan.data import Json

_GONE = object()


class SessionState:
    """The state as one branch sees it."""

    def __init__(self, values: dict[str, Json] | None = None) -> None:
        self.values: dict[str, Json] = dict(values or {})

    def apply(self, change: StateChange | None) -> None:
        if change is None:
            return
        self.values.update(change.set)
        for key in change.removed:
            self.values.pop(key, None)

    def add_defaults(self, defaults: Json) -> None:
        """What a nested workflow's own default state adds (agno/workflow/workflow.py:2498)."""
        self.values = cast("dict[str, Json]", merge({}, defaults or {}, self.values))

    def fork(self) -> SessionState:
        return SessionState(self.values)

    def join(self, forks: list[SessionState]) -> None:
        """Take over what each fork changed, in their order."""
        base = self.values
        merged = dict(base)
        for fork in forks:
            merged = cast("dict[str, Json]", merge(base, merged, fork.values))
        self.values = merged


def merge(base: Json, ours: Json, theirs: Json) -> Json:
    """`ours` with what `theirs` changed since `base`, down through plain dicts. A tagged value is one value."""
    if not (_is_plain(base) and _is_plain(ours) and _is_plain(theirs)):
        return ours if theirs == base else theirs
    merged: dict[str, Json] = {}
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        before, mine, other = (side.get(key, _GONE) for side in (base, ours, theirs))
        value = mine if other == before else other if other is _GONE or mine is _GONE else merge(before, mine, other)
        if value is not _GONE:
            merged[key] = value
    return merged


def _is_plain(value: Json) -> bool:
    return isinstance(value, dict) and "$type" not in value

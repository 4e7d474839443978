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
    """`ours` with what `theirs` changed since `base`, down through dicts. Any other value is one value."""
    tables = _table(base), _table(ours), _table(theirs)
    if any(table is None for table in tables):
        return ours if theirs == base else theirs
    before, mine, other = (cast("dict[str, Json]", table) for table in tables)
    merged: dict[str, Json] = {}
    for key in [*mine, *(key for key in other if key not in mine)]:
        value = _merged_value(before.get(key, _GONE), mine.get(key, _GONE), other.get(key, _GONE))
        if value is not _GONE:
            merged[key] = value
    return merged if isinstance(ours, dict) and "$type" not in ours else _pairs(merged)


def _merged_value(before: Json, mine: Json, other: Json) -> Json:
    if other == before:
        return mine
    return other if other is _GONE or mine is _GONE else merge(before, mine, other)


def _table(value: Json) -> dict[str, Json] | None:
    """A dict as it is written, plain or as pairs (`agno_bridge.value_writer`); None for any other value."""
    if not isinstance(value, dict):
        return None
    if "$type" not in value:
        return value
    items = value.get("items")
    if value["$type"] != "dict" or not isinstance(items, list) or not all(isinstance(item[0], str) for item in items):
        return None
    return dict(items)


def _pairs(table: dict[str, Json]) -> Json:
    return {"$type": "dict", "items": [[key, item] for key, item in table.items()]}

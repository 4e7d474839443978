"""The session state of a run, and how the branches of a Parallel change it at the same time.

In agno the branches share one dict (agno/workflow/parallel.py:332); here they run on different workers. So a branch
works on a fork, and the forks are merged in the order of the branches, key by key, against what they started from:
two branches that change different keys both keep their change, and of two that change the same key the later one wins.

Values are encoded and never changed in place, so that forks may share them.
"""

from __future__ import annotations

from agno_temporal.contract.tasks import StateChange
from agno_temporal.plan.data import Json, is_same

_GONE = object()


class SessionState:
    """The state as one branch sees it. `values` is replaced and never changed: what was made of it stays as it was."""

    def __init__(self, values: dict[str, Json] | None = None) -> None:
        self.values: dict[str, Json] = dict(values or {})

    def apply(self, change: StateChange | None) -> None:
        if change is None:
            return
        values = {**self.values, **change.set}
        for key in change.removed:
            values.pop(key, None)
        self.values = values

    def add_defaults(self, defaults: Json) -> None:
        """What a nested workflow's own default state adds (agno/workflow/workflow.py:2498)."""
        self.values = _merged({}, defaults or {}, self.values)

    def fork(self) -> SessionState:
        return SessionState(self.values)

    def since(self, base: SessionState) -> StateChange | None:
        """What was changed since it was forked from `base`."""
        ours, theirs = self.values, base.values
        changed = {key: value for key, value in ours.items() if not is_same(value, theirs.get(key, _GONE))}
        removed = tuple(key for key in theirs if key not in ours)
        return StateChange(changed, removed) if changed or removed else None

    def join(self, forks: list[SessionState]) -> None:
        """Take over what each fork changed, in their order."""
        base = self.values
        merged = dict(base)
        for fork in forks:
            merged = _merged(base, merged, fork.values)
        self.values = merged


def _merged(base: dict[str, Json], ours: dict[str, Json], theirs: dict[str, Json]) -> dict[str, Json]:
    """`ours` with what `theirs` changed since `base`, key by key and down through dicts."""
    merged: dict[str, Json] = {}
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        value = _merged_value(base.get(key, _GONE), ours.get(key, _GONE), theirs.get(key, _GONE))
        if value is not _GONE:
            merged[key] = value
    return merged


def _merged_value(before: Json, mine: Json, other: Json) -> Json:
    if is_same(other, before):
        return mine
    base, ours, theirs = _table({} if before is _GONE else before), _table(mine), _table(other)
    if base is None or ours is None or theirs is None:
        return other
    return _written(_merged(base, ours, theirs))


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


def _written(table: dict[str, Json]) -> Json:
    """A dict as the bridge writes it: as pairs where JSON, which sorts keys, would lose their order."""
    if list(table) == sorted(table) and "$type" not in table:
        return table
    return {"$type": "dict", "items": [[key, item] for key, item in table.items()]}

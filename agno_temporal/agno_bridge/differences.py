"""What makes one plan another: said to whoever edited a workflow, and hears that it is not the one that is known.

A plan holds more than steps. A wording, a deadline, a retry or a database is enough, and who has changed nothing else
would look for another step in vain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from agno_temporal.agno_bridge.lookup import place
from agno_temporal.agno_bridge.refusals import shown
from agno_temporal.plan import Node, Plan, walk
from agno_temporal.plan.ways import Identity

SAID: Final = 3
"""A step that is put before all others makes another one of each."""

_ELSEWHERE: Final = frozenset({"path", "digest", "steps", "else_steps", "choices"})
"""What is compared as nodes, or follows from the rest."""

_AS_WRITTEN: Final = {"has_db": "db"}


def differences(then: Plan, now: Plan) -> str:
    """The first few of them, in the order of the step tree."""
    found = [*_of_itself(then, now), *_of_its_steps(then, now)] or ["how it is written"]
    left = len(found) - SAID
    return ", ".join(found[:SAID]) + (f", and {left} more" if left > 0 else "")


def _of_itself(then: Plan, now: Plan) -> Iterator[str]:
    if changed := _changed(then, now):
        yield f"its {' and '.join(changed)}"


def _of_its_steps(then: Plan, now: Plan) -> Iterator[str]:
    before: dict[str, Node] = {node.path: node for node in walk(then.steps)}
    today: dict[str, Node] = {node.path: node for node in walk(now.steps)}
    for path, node in today.items():
        where, known = place(path, node.name), before.get(path)
        if known is None:
            yield f"{where} is new"
        elif Identity.of(known) != Identity.of(node):
            yield f"{where} was the {known.KIND} {shown(known.name)}"
        elif changed := _changed(known, node):
            yield f"{' and '.join(changed)} of {where}"
    for path, node in before.items():
        if path not in today:
            yield f"{place(path, node.name)} is gone"


def _changed(then: Any, now: Any) -> list[str]:
    """The names of the fields that differ; in a review or options, theirs."""
    names: list[str] = []
    for name in (one.name for one in fields(now) if one.name not in _ELSEWHERE):
        before, today = getattr(then, name), getattr(now, name)
        if before == today:
            continue
        is_deep = is_dataclass(today) and type(before) is type(today)
        names += _changed(before, today) if is_deep else [f"`{_AS_WRITTEN.get(name, name)}`"]
    return names

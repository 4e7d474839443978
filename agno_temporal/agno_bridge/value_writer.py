"""Writing values: refused where it stands, or written so that it comes back the same.

A value that a step returns may be anything: a lock, a list that contains itself, a set whose order differs with each
process's hash seed, a dict that another thread is changing. Half of a value in history is worse than none, so the
first part that cannot be written ends the whole, and the error says where that part is.

One walk, without copies of what is plain already. ``path`` and ``current`` exist for the error only, and are kept as
they are met, because putting a path together for each of ten thousand items costs more than writing them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from agno_temporal.agno_bridge.value_classes import ClassKind, class_kind, take_apart
from agno_temporal.agno_bridge.value_kinds import WRITE_LEAF, is_unicode
from agno_temporal.agno_bridge.value_names import CannotWrite, Json, name_class
from agno_temporal.agno_bridge.value_remedies import remedy_for
from agno_temporal.plan.tagged import TAG

MAX_DEPTH: Final = 200
"""Levels of nesting in a value. Each takes up to three frames here, and up to three levels of JSON."""

_TOO_DEEP: Final = (
    f"It is nested more than {MAX_DEPTH} levels deep. Return a flat list whose items refer to each other by id."
)
_CYCLE: Final = "It contains itself. Return ids in place of the references back."
_IN_SET: Final = object()
_IN_KEYS: Final = object()


class NotSerialisable(TypeError):
    """A value that history could not give back as it was.

    Args:
        where: The path to it, such as ``content.items[3].owner``.
        type_name: Its type.
        remedy: What to do, as a sentence.
    """

    def __init__(self, where: str, type_name: str, remedy: str) -> None:
        super().__init__(where, type_name, remedy)
        self.where = where
        self.type_name = type_name
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.where} is of type {self.type_name}, which cannot be kept in Temporal's history. {self.remedy}"


@dataclass
class Writer:
    """One walk over one value.

    Args:
        where: What errors call the value.
        current: The part that is being written.
        path: The way to it, from the value.
        open: The identities of the containers on that way.
        names: The written names of the classes that were met.
    """

    where: str
    current: object = None
    path: list[object] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    names: dict[type, Json] = field(default_factory=dict)

    def write_or_refuse(self, value: object) -> Json:
        """The value as JSON data.

        Raises:
            NotSerialisable: It, or a part of it, would not come back as it is.
        """
        try:
            return self.write(value)
        except CannotWrite as error:
            raise self._refusal(str(error)) from error.__cause__
        except RecursionError as error:
            raise self._refusal(_TOO_DEEP) from error
        except Exception as error:
            raise self._refusal(f"Reading it raised {type(error).__name__}: {error}") from error

    def write(self, value: Any) -> Json:
        cls = type(value)
        if cls is str and value.isascii():
            return value  # type: ignore[no-any-return]
        self.current = value
        if (leaf := WRITE_LEAF.get(cls)) is not None:
            return leaf(value)
        if id(value) in self.open:
            raise CannotWrite(_CYCLE)
        if len(self.open) >= MAX_DEPTH:
            raise CannotWrite(_TOO_DEEP)
        self.open.add(id(value))
        if (container := _CONTAINERS.get(cls)) is not None:
            written = container(self, value)
        elif (kind := class_kind(cls)) is not None:
            written = self.instance(kind, value)
        else:
            raise CannotWrite(remedy_for(value))
        self.open.discard(id(value))
        return written

    def sequence(self, value: Iterable[Any]) -> list[Json]:
        written: list[Json] = []
        self.path.append(None)
        for index, item in enumerate(tuple(value)):
            self.path[-1] = index
            written.append(self.write(item))
        self.path.pop()
        return written

    def unordered(self, value: Iterable[Any]) -> list[Json]:
        """In the order of what is written, which is the same in every process."""
        written: list[Json] = []
        self.path.append(_IN_SET)
        for item in tuple(value):
            written.append(self.write(item))
        self.path.pop()
        return sorted(written, key=partial(json.dumps, sort_keys=True))

    def mapping(self, value: dict[Any, Any]) -> Json:
        """A user's dict. Its order is part of it: it shows in a prompt, and in `str`. Temporal's own converter sorts
        keys (temporalio/converter/_payload_converter.py:784), so that only a sorted dict may stay a plain object."""
        keys = [key for key in value if type(key) is str]
        if len(keys) < len(value) or keys != sorted(keys):
            return {TAG: "dict", "items": self.pairs(tuple(value.items()))}
        return self.table(value)

    def table(self, value: dict[Any, Any]) -> Json:
        items = tuple(value.items())
        if not all(type(key) is str and key != TAG and is_unicode(key) for key, _ in items):
            return {TAG: "dict", "items": self.pairs(items)}
        written: dict[str, Json] = {}
        self.path.append(None)
        for key, item in items:
            self.path[-1] = key
            written[key] = self.write(item)
        self.path.pop()
        return written

    def pairs(self, items: Iterable[tuple[Any, Any]]) -> list[Json]:
        written: list[Json] = []
        self.path.append(None)
        for key, item in items:
            self.path[-1] = _IN_KEYS
            name = self.write(key)
            self.path[-1] = key
            written.append([name, self.write(item)])
        self.path.pop()
        return written

    def instance(self, kind: ClassKind, value: object) -> Json:
        cls = type(value)
        if cls not in self.names:
            self.names[cls] = name_class(cls)
        parts = take_apart(kind, value)
        written: dict[str, Json] = {TAG: kind.tag, "class": self.names[cls], "data": self.table(parts.data)}
        for name, part in (("extra", parts.extra), ("private", parts.private), ("attributes", parts.attributes)):
            if part:
                written[name] = self.table(part)
        if parts.unset:
            written["unset"] = self.sequence(parts.unset)
        return written

    def _refusal(self, remedy: str) -> NotSerialisable:
        cls = type(self.current)
        type_name = cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
        return NotSerialisable(self.where + "".join(map(_step_text, self.path)), type_name, remedy)


_CONTAINERS: Final[dict[type, Callable[[Writer, Any], Json]]] = {
    list: Writer.sequence,
    dict: Writer.mapping,
    tuple: lambda writer, value: {TAG: "tuple", "items": writer.sequence(value)},
    set: lambda writer, value: {TAG: "set", "items": writer.unordered(value)},
    frozenset: lambda writer, value: {TAG: "frozenset", "items": writer.unordered(value)},
}


def _step_text(step: object) -> str:
    """One step of a path. A key that is neither text nor a number shows only its type: its repr may be anything."""
    if step is _IN_SET:
        return "{item}"
    if step is _IN_KEYS:
        return ".keys()"
    if type(step) is str:
        return f".{step}" if step.isidentifier() else f"[{step[:40]!r}]"
    return f"[{step}]" if type(step) is int else f"[<{type(step).__name__}>]"

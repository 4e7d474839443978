"""Reading values: safe on anything, because anybody who reaches the server can write a payload.

What is read decides which objects this process makes. So only the kinds in the tables are made, of classes that are
loaded and are what the tag says; depth is bounded before Python's own limit; and whatever else is wrong with the data,
down to an exception in a user's default factory, is one error, so that no caller has to guess what to catch.

A reader without the user's code (a command line, a dashboard) reads leniently, and gets the same data without types.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfoNotFoundError

from agno_temporal.agno_bridge.value_classes import CLASS_KINDS, ClassKind, Parts, put_together
from agno_temporal.agno_bridge.value_kinds import READ_LEAF
from agno_temporal.agno_bridge.value_names import Json, TypeNotLoaded, find_class
from agno_temporal.agno_bridge.value_writer import MAX_DEPTH
from agno_temporal.plan.tagged import GATHER, TAG, Fields, as_list, as_names, as_pair, as_table

_MAX_READS_DEEP: Final = 2 * MAX_DEPTH  # an object is read as its tag, and as the table of its fields
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


class MalformedValue(ValueError):
    """Data that ``encode`` does not write, or wrote for a class that has changed since.

    Args:
        tag: The tag of the object that cannot be read, or the type of what is no JSON.
        reason: What is wrong with it.
    """

    def __init__(self, tag: str, reason: str) -> None:
        super().__init__(tag, reason)
        self.tag = tag
        self.reason = reason

    def __str__(self) -> str:
        return f"A recorded value of type {self.tag[:80]!r} cannot be read: {self.reason[:300]}"


@dataclass
class Reader:
    """One walk over data that may be anything."""

    lenient: bool
    depth: int = 0

    def read_or_refuse(self, data: Json) -> object:
        """The value.

        Raises:
            TypeNotLoaded: A class is not loaded in this process. Never when lenient.
            MalformedValue: The data is not what ``encode`` writes.
        """
        try:
            return self.read(data)
        except RecursionError as error:
            raise MalformedValue(type(data).__name__, "it is nested too deep") from error

    def read(self, data: Any) -> object:
        cls = type(data)
        if cls in _PLAIN:
            return data
        if self.depth >= _MAX_READS_DEEP:
            raise MalformedValue(cls.__name__, f"it is nested more than {MAX_DEPTH} levels deep")
        self.depth += 1
        value: object
        if cls is list:
            value = items = []
            for item in data:
                items.append(self.read(item))
        elif cls is dict and TAG in data:
            value = self.tagged(data)
        elif cls is dict:
            value = table = {}
            for key, item in data.items():
                table[key] = self.read(item)
        else:
            raise MalformedValue(cls.__name__, "it is not JSON data")
        self.depth -= 1
        return value

    def tagged(self, data: Fields) -> object:
        tag = data[TAG]
        if not isinstance(tag, str):
            raise MalformedValue(type(tag).__name__, f"{TAG} is not text")
        try:
            if tag in READ_LEAF:
                return self._leaf(tag, data)
            if tag in GATHER:
                return self._gather(GATHER[tag], [*map(self.read, as_list(data["items"]))])
            if tag == "dict":
                return self._gather(dict, [[*map(self.read, as_pair(item))] for item in as_list(data["items"])])
            if tag in CLASS_KINDS:
                parts = Parts(
                    data=as_table(self.read(data["data"])),
                    extra=as_table(self.read(data.get("extra", {}))),
                    private=as_table(self.read(data.get("private", {}))),
                    attributes=as_table(self.read(data.get("attributes", {}))),
                    unset=as_names(self.read(data.get("unset", []))),
                )
                return self._put_together(CLASS_KINDS[tag], data["class"], parts)
        except (TypeNotLoaded, MalformedValue, RecursionError):
            raise
        except ValueError as error:
            raise MalformedValue(tag, str(error)) from error
        except Exception as error:
            raise MalformedValue(tag, f"{type(error).__name__}: {error}") from error
        raise MalformedValue(tag, "this version does not know the type; update agno-temporal where it is read")

    def _leaf(self, tag: str, data: Fields) -> object:
        try:
            return READ_LEAF[tag](data)
        except ZoneInfoNotFoundError:
            if self.lenient:
                return data["value"]
            raise

    def _gather(self, collect: Callable[[list[Any]], object], items: list[Any]) -> object:
        try:
            return collect(items)
        except TypeError:
            if self.lenient:  # an item or key that became a dict or a list cannot be hashed
                return items
            raise

    def _put_together(self, kind: ClassKind, name: Json, parts: Parts) -> object:
        try:
            return put_together(kind, find_class(name), parts)
        except RecursionError:
            raise
        except Exception:
            if self.lenient:
                return kind.plain(parts)
            raise

"""Frozen data classes as JSON, in both directions, for everything that is written to a history.

A history is read by versions of this package that did not write it. So the rules are few and fixed: a field that holds
its default is left out, a field that is unknown is ignored, a field that is missing takes its default, and a member of
a union says which class it is in the key ``kind``. Renaming a field or a kind, and changing a default, is therefore a
breaking change; adding a field with a default is not.

Only the standard library is used, because workflow code decodes with it on every replay. Every step passes through here
some dozen times, so what is to be known of a class is found out once.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

Json: TypeAlias = Any
"""What ``json.dumps`` takes: None, bool, int, float, str, and lists and string-keyed dicts of these."""

Reader: TypeAlias = Callable[[Json], Any]

T = TypeVar("T")

SCALARS = frozenset({str, int, float, bool, type(None)})


class DataError(ValueError):
    """JSON that is not what a data class of ours expects. The message names the class and the field."""


class WrittenOnce:
    """A base of data classes whose objects are written with one task after the other: their JSON is made and measured
    the first time, and kept. Nobody may change it."""

    __slots__ = ("_known",)


def written_once(value: WrittenOnce) -> tuple[dict[str, Json], int]:
    """Its JSON, and how long that is."""
    cls: Any = type(value)
    known: tuple[dict[str, Json], int] | None = getattr(value, "_known", None)
    if known is None:
        data = _object(value, cls, _written(cls) or ())
        object.__setattr__(value, "_known", known := (data, len(json.dumps(data))))
    return known


def is_same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON. To ``==`` alone, 1, 1.0 and True are."""
    return one is other or (one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))


def to_json(value: Any) -> Json:
    """Data classes, enums, tuples and dicts as JSON; what a field typed ``Json`` holds is passed on untouched."""
    cls: Any = type(value)
    if cls in SCALARS:
        return value
    if (fields := _written(cls)) is not None:
        return written_once(value)[0] if issubclass(cls, WrittenOnce) else _object(value, cls, fields)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return value


def _object(value: Any, cls: Any, fields: tuple[tuple[str, Any, bool], ...]) -> dict[str, Json]:
    data: dict[str, Json] = {} if (kind := getattr(cls, "KIND", None)) is None else {"kind": kind}
    for name, default, is_json in fields:
        item = getattr(value, name)
        if item is not default and item != default:
            data[name] = item if is_json else to_json(item)
    return data


def from_json(cls: type[T], data: Json) -> T:
    """The data class from its JSON.

    Raises:
        DataError: `data` is not an object, or a field without a default is missing or of the wrong shape.
    """
    if not isinstance(data, dict):
        raise DataError(f"{cls.__name__} is an object, not {type(data).__name__}")
    values: dict[str, Any] = {}
    for name, read, required in _read(cast("Hashable", cls)):
        if name in data:
            try:
                values[name] = read(data[name])
            except (DataError, ValueError, TypeError) as error:
                raise DataError(f"{cls.__name__}.{name}: {error}") from error
            except RecursionError as error:
                raise DataError(f"{cls.__name__}.{name}: nested too deep") from error
        elif required:
            raise DataError(f"{cls.__name__} lacks {name!r}")
    return cls(**values)


@functools.cache
def field_names(cls: Any) -> tuple[str, ...]:
    """Those of a data class; none, where it is none."""
    return tuple(name for name, _, _ in _written(cls) or ())


@functools.cache
def _written(cls: type[Any]) -> tuple[tuple[str, Any, bool], ...] | None:
    """Of each field its name, its default, and whether it holds JSON as it is; None where it is no data class."""
    if not dataclasses.is_dataclass(cls):
        return None
    hints = typing.get_type_hints(cls)
    return tuple((field.name, field.default, hints[field.name] is Any) for field in dataclasses.fields(cls))


@functools.cache
def _read(cls: Any) -> tuple[tuple[str, Reader, bool], ...]:
    """Of each field its name, what reads it, and whether it has to be there."""
    hints = typing.get_type_hints(cls)
    return tuple(
        (
            field.name,
            _reader(hints[field.name]),
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(cls)
    )


def _reader(hint: Any) -> Reader:
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return _as_it_is
    if origin in (types.UnionType, typing.Union):
        return _union_reader(members)
    if origin is tuple:
        return _list_reader(_reader(members[0]))
    if origin is dict:
        return _object_reader(_reader(members[1]))
    if dataclasses.is_dataclass(hint):
        return functools.partial(from_json, cast(type[Any], hint))
    if isinstance(hint, type):
        return _enum_reader(hint) if issubclass(hint, enum.Enum) else _scalar_reader(hint)
    raise DataError(f"no JSON form for {hint!r}")


def _as_it_is(data: Json) -> Json:
    return data


def _list_reader(item: Reader) -> Reader:
    def read(data: Json) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise DataError(f"expected a list, got {type(data).__name__}")
        return tuple([item(one) for one in data])

    return read


def _object_reader(item: Reader) -> Reader:
    def read(data: Json) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise DataError(f"expected an object, got {type(data).__name__}")
        return {key: item(one) for key, one in data.items()}

    return read


def _scalar_reader(hint: type[Any]) -> Reader:
    accepted = (float, int) if hint is float else hint

    def read(data: Json) -> Any:
        if not isinstance(data, accepted) or (isinstance(data, bool) and hint is not bool):
            raise DataError(f"expected {hint.__name__}, got {type(data).__name__}")
        return data

    return read


def _enum_reader(hint: type[enum.Enum]) -> Reader:
    members = {member.value: member for member in hint}

    def read(data: Json) -> enum.Enum:
        if not isinstance(data, str) or data not in members:
            shown = repr(data[:40]) if isinstance(data, str) else type(data).__name__
            raise DataError(f"{shown} is not one of {', '.join(members)}")
        return members[data]

    return read


def _union_reader(members: tuple[Any, ...]) -> Reader:
    optional = type(None) in members
    kinds = {cast(str, member.KIND): member for member in members if hasattr(member, "KIND")}
    plain = [_reader(member) for member in members if member is not type(None) and not hasattr(member, "KIND")]

    def read(data: Json) -> Any:
        if data is None and optional:
            return None
        if kinds and isinstance(data, dict):
            kind = data.get("kind")
            if not isinstance(kind, str) or kind not in kinds:
                shown = repr(kind[:40]) if isinstance(kind, str) else type(kind).__name__
                raise DataError(f"kind {shown} is not one of {', '.join(kinds)}")
            return from_json(kinds[kind], data)
        if len(plain) == 1 and not kinds:
            return plain[0](data)
        raise DataError(f"{type(data).__name__} is none of the accepted types")

    return read


def within_depth(data: Json, depth: int) -> bool:
    """Whether lists and objects are in each other at most so many times. Data of any depth can be asked about."""
    level = [data]
    for _ in range(depth + 1):
        inside = [one for one in level if isinstance(one, dict | list | tuple)]
        if not inside:
            return True
        level = [item for one in inside for item in (one.values() if isinstance(one, dict) else one)]
    return False

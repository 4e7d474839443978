"""Frozen data classes as JSON, in both directions, for everything that is written to a history.

A history is read by versions of this package that did not write it. So the rules are few and fixed: a field that holds
its default is left out, a field that is unknown is ignored, a field that is missing takes its default, and a member of
a union says which class it is in the key ``kind``. Renaming a field or a kind, and changing a default, is therefore a
breaking change; adding a field with a default is not.

Only the standard library is used, because workflow code decodes with it on every replay.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
import typing
from collections.abc import Hashable, Mapping
from typing import Any, TypeAlias, TypeVar, cast

Json: TypeAlias = Any
"""What ``json.dumps`` takes: None, bool, int, float, str, and lists and string-keyed dicts of these."""

T = TypeVar("T")


class DataError(ValueError):
    """JSON that is not what a data class of ours expects. The message names the class and the field."""


def to_json(value: Any) -> Json:
    """Data classes, enums, tuples and dicts as JSON; values typed ``Json`` pass through untouched."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        data: dict[str, Json] = {}
        if (kind := getattr(type(value), "KIND", None)) is not None:
            data["kind"] = kind
        for field in dataclasses.fields(value):
            item = getattr(value, field.name)
            if item != field.default or field.default is dataclasses.MISSING:
                data[field.name] = to_json(item)
        return data
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return value


def from_json(cls: type[T], data: Json) -> T:
    """The data class from its JSON.

    Raises:
        DataError: `data` is not an object, or a field without a default is missing or of the wrong shape.
    """
    if not isinstance(data, Mapping):
        raise DataError(f"{cls.__name__} is an object, not {type(data).__name__}")
    values: dict[str, Any] = {}
    for name, hint, required in _fields(cast("Hashable", cls)):
        if name in data:
            try:
                values[name] = _decode(hint, data[name])
            except (DataError, ValueError, TypeError) as error:
                raise DataError(f"{cls.__name__}.{name}: {error}") from error
            except RecursionError as error:
                raise DataError(f"{cls.__name__}.{name}: nested too deep") from error
        elif required:
            raise DataError(f"{cls.__name__} lacks {name!r}")
    return cls(**values)


@functools.cache
def _fields(cls: Any) -> tuple[tuple[str, Any, bool], ...]:
    hints = typing.get_type_hints(cls)
    return tuple(
        (
            field.name,
            hints[field.name],
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(cls)
    )


def _decode(hint: Any, data: Json) -> Any:
    if hint is Any:
        return data
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return _decode_union(typing.get_args(hint), data)
    if origin is tuple:
        if not isinstance(data, list):
            raise DataError(f"expected a list, got {type(data).__name__}")
        return tuple(_decode(typing.get_args(hint)[0], item) for item in data)
    if origin is dict:
        if not isinstance(data, dict):
            raise DataError(f"expected an object, got {type(data).__name__}")
        return {key: _decode(typing.get_args(hint)[1], item) for key, item in data.items()}
    if isinstance(hint, type):
        return _decode_class(hint, data)
    raise DataError(f"no JSON form for {hint!r}")


def _decode_class(hint: type[Any], data: Json) -> Any:
    if dataclasses.is_dataclass(hint):
        return from_json(hint, data)
    if issubclass(hint, enum.Enum):
        return _decode_enum(hint, data)
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return data
    if not isinstance(data, hint) or (hint is int and isinstance(data, bool)):
        raise DataError(f"expected {hint.__name__}, got {type(data).__name__}")
    return data


def _decode_enum(hint: type[enum.Enum], data: Json) -> enum.Enum:
    members = {member.value: member for member in hint}
    if not isinstance(data, str) or data not in members:
        shown = repr(data[:40]) if isinstance(data, str) else type(data).__name__
        raise DataError(f"{shown} is not one of {', '.join(members)}")
    return members[data]


def _decode_union(members: tuple[Any, ...], data: Json) -> Any:
    if data is None and type(None) in members:
        return None
    kinds = {cast(str, member.KIND): member for member in members if hasattr(member, "KIND")}
    if kinds and isinstance(data, Mapping):
        kind = data.get("kind")
        if not isinstance(kind, str) or kind not in kinds:
            shown = repr(kind[:40]) if isinstance(kind, str) else type(kind).__name__
            raise DataError(f"kind {shown} is not one of {', '.join(kinds)}")
        return from_json(kinds[kind], data)
    plain = [member for member in members if member is not type(None) and not hasattr(member, "KIND")]
    if len(plain) == 1 and not kinds:
        return _decode(plain[0], data)
    raise DataError(f"{type(data).__name__} is none of the accepted types")

"""Tagged values, as far as they can be judged without a class.

What a caller puts into a decision is read by a worker only when the run goes on with it. If nobody can read it, the
decision is recorded by then, and the step that gets it fails for ever. The workflow's code has to find that out before
it takes the decision, and it knows no agno, no pydantic and no user code.

So what needs neither of them stands here: the readers of the kinds that the standard library has, which the whole
reader (`agno_bridge.value_reader`) uses too, and a trial reading. In it an object of a class is only looked at from
outside: whether the class is loaded, and the data fits it, is another answer in every process and after every deploy.
So is whether a machine knows a time zone.
"""

from __future__ import annotations

import base64
import ipaddress
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from agno_temporal.plan.data import Json

TAG: Final = "$type"
"""The key that makes a JSON object a tagged value. An object of the user's that has it is written as pairs."""

Fields = dict[str, Json]

CLASS_TAGS: Final = frozenset({"enum", "root_model", "model", "namedtuple", "url", "dataclass"})
"""The tags of objects of classes. The data of an enum member, and of a URL, has these names:"""
_NEEDED: Final = {"enum": ("name", "value"), "url": ("url",)}

_TYPE_NAMES: Final = frozenset({"None", "Any", "...", "|", "Union"})


def from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_duration(text: str) -> timedelta:
    found = re.fullmatch(r"(-?)PT([0-9]{1,15})\.([0-9]{6})S", text)
    if found is None:
        raise ValueError("not an ISO 8601 duration in seconds")
    value = timedelta(seconds=int(found[2]), microseconds=int(found[3]))
    return -value if found[1] else value


IP_TYPES: Final[tuple[type, ...]] = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)

READ_TEXT: Final[dict[str, Callable[[str], object]]] = {
    "str": lambda text: from_base64(text).decode("utf-8", "surrogatepass"),
    "int": lambda text: int(text, 16),
    "float": lambda text: {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[text],
    "date": date.fromisoformat,
    "timedelta": _from_duration,
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": from_base64,
    "bytearray": lambda text: bytearray(from_base64(text)),
    **{cls.__name__: cls for cls in IP_TYPES},
}
"""By tag, what makes a value of a text that is all there is of it. They raise anything on what no writer makes."""

GATHER: Final[dict[str, Callable[[list[Any]], object]]] = {"tuple": tuple, "set": set, "frozenset": frozenset}


def read_text(fields: Fields) -> str:
    """The text of a leaf, which may hold what UTF-8 cannot."""
    match fields["value"]:
        case str(text):
            return text
        case {"$type": "str", "value": str(encoded)}:
            return str(READ_TEXT["str"](encoded))
        case _:
            raise ValueError("'value' is not text")


def read_elapsed(fields: Fields) -> float | None:
    """The seconds of agno's timer."""
    elapsed = fields["elapsed"]
    if elapsed is None or isinstance(elapsed, (int, float)):
        return None if elapsed is None else float(elapsed)
    raise ValueError("'elapsed' is not a number of seconds")


def as_list(items: Json) -> list[Json]:
    if type(items) is not list:
        raise ValueError("'items' is not a list")
    return items


def as_pair(item: Json) -> list[Json]:
    if type(item) is not list or len(item) != 2:
        raise ValueError("'items' is not a list of pairs")
    return item


def as_table(part: object) -> dict[str, object]:
    if type(part) is not dict or not all(type(key) is str for key in part):
        raise ValueError("its fields are not an object with names as keys")
    return part


def as_names(part: object) -> list[str]:
    if type(part) is not list or not all(type(name) is str for name in part):
        raise ValueError("'unset' is not a list of names")
    return part


def fault_of(data: Json) -> str | None:
    """Why no process can read this JSON as a value; None where one could that has its classes. Never raises for JSON
    whose depth is bounded.

    >>> fault_of({"$type": "date", "value": "2024-05-01"})
    >>> fault_of([{"$type": "dat", "value": "2024-05-01"}])
    "a value of type 'dat' cannot be read: there is no such type"
    """
    try:
        _tried(data)
    except _Unreadable as error:
        return str(error)
    return None


class _Unreadable(Exception):
    """The innermost tagged value that cannot be read, and why."""


def _tried(data: Json) -> object:
    if isinstance(data, list):
        return [_tried(item) for item in data]
    if not isinstance(data, dict):
        return data
    if TAG not in data:
        return {key: _tried(item) for key, item in data.items()}
    try:
        return _tagged(data[TAG], data)
    except _Unreadable:
        raise
    except Exception as error:
        tag = data[TAG]
        named = repr(tag[:80]) if isinstance(tag, str) else type(tag).__name__
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise _Unreadable(f"a value of type {named} cannot be read: {reason[:200]}") from error


def _tagged(tag: Json, data: Fields) -> object:
    if not isinstance(tag, str):
        raise ValueError(f"{TAG} is not text")
    if tag in READ_TEXT:
        return READ_TEXT[tag](read_text(data))
    if tag in GATHER:
        return GATHER[tag]([_tried(item) for item in as_list(data["items"])])
    if tag in CLASS_TAGS:
        return _object(tag, data)
    match tag:
        case "path" | "posix_path" | "windows_path":
            return read_text(data)
        case "datetime":
            return _moment(datetime.fromisoformat(read_text(data)), data)
        case "time":
            return _moment(time.fromisoformat(read_text(data)), data)
        case "timer":
            return _Object(read_elapsed(data))
        case "dict":
            pairs = [as_pair(item) for item in as_list(data["items"])]
            return {_tried(key): _tried(value) for key, value in pairs}
    raise ValueError("there is no such type")


class _Object:
    """Stands for an object whose class is not known here."""

    def __init__(self, *_: object) -> None:
        pass


def _moment(value: datetime | time, data: Fields) -> object:
    if not isinstance(data.get("zone"), str | None):
        raise ValueError("'zone' is not the name of a time zone")
    return value


def _object(tag: str, data: Fields) -> object:
    fields = as_table(_tried(data["data"]))
    for part in ("extra", "private", "attributes"):
        as_table(_tried(data.get(part, {})))
    as_names(_tried(data.get("unset", [])))
    if not _is_class_name(data["class"]):
        raise ValueError("'class' is not the name of a class")
    if tag in _NEEDED and not any(name in fields for name in _NEEDED[tag]):
        raise ValueError(f"'data' lacks {' or '.join(_NEEDED[tag])}")
    return _Object()


def _is_class_name(name: Json) -> bool:
    match name:
        case str():
            module, _, qualname = name.partition(":")
            return bool(module and qualname)
        case {"generic": origin, "args": [_, *_] as arguments}:
            return _is_class_name(origin) and all(map(_is_type_name, arguments))
    return False


def _is_type_name(name: Json) -> bool:
    match name:
        case str() if name in _TYPE_NAMES:
            return True
        case {"generic": str(origin), "args": [_, *_] as arguments} if origin in _TYPE_NAMES:
            return all(map(_is_type_name, arguments))
    return _is_class_name(name)

"""What a tool can be called with: what JSON says.

agno writes the arguments as JSON before it makes the call (agno/utils/tools.py:96). A date that was filled in ends it
there: the tool never runs, the step's output is "Object of type date is not JSON serializable", and the answer is
spent. So it is refused, with what to give instead: pydantic makes a date of its text where the argument is one.

Python's JSON has infinity, keys that are numbers, and texts with half of a surrogate pair; tuples become lists.
"""

from __future__ import annotations

from collections.abc import Iterable

from agno_temporal.hitl.meant import types_of
from agno_temporal.plan.data import Json
from agno_temporal.plan.tagged import IP_TYPES, TAG

_SAID = ("str", "int", "float")
_TEXTS = ("decimal", "uuid", "path", "posix_path", "windows_path", "url", *(cls.__name__ for cls in IP_TYPES))
_INSTEAD = {
    **dict.fromkeys(("date", "datetime", "time"), "its text, value.isoformat()"),
    **dict.fromkeys(_TEXTS, "its text, str(value)"),
    **dict.fromkeys(("bytes", "bytearray"), "its text, value.decode()"),
    **dict.fromkeys(("set", "frozenset"), "a list, list(value)"),
    **dict.fromkeys(("model", "root_model"), "its fields, value.model_dump(mode='json')"),
    "timedelta": "its seconds, value.total_seconds()",
    "enum": "its value, member.value",
    "dataclass": "its fields, dataclasses.asdict(value)",
}


def unsayable(value: Json) -> str | None:
    """Why no tool can be called with a value, encoded as in a history, and what to give instead.

    >>> unsayable([1, {"$type": "float", "value": "inf"}])
    >>> unsayable({"on": {"$type": "date", "value": "2024-05-01"}})
    'a tool is called with JSON, which has no date: give its text, value.isoformat()'
    """
    match value:
        case list():
            return _first(value)
        case {"$type": tag}:
            return _tagged(tag, value)
        case dict():
            return _first(value.values())
    return None


def _tagged(tag: Json, value: dict[str, Json]) -> str | None:
    items = value.get("items")
    match tag:
        case "str" | "int" | "float":
            return None
        case "tuple" if isinstance(items, list):
            return _first(items)
        case "namedtuple" if isinstance(data := value.get("data"), dict):
            return _first(data.values())
        case "dict" if isinstance(items, list):
            pairs = [one for one in items if isinstance(one, list) and len(one) == 2]
            bad_key = next((fault for key, _ in pairs if (fault := _bad_key(key)) is not None), None)
            return bad_key or _first(item for _, item in pairs)
    instead = _INSTEAD.get(tag) if isinstance(tag, str) else None
    text = f"a tool is called with JSON, which has no {types_of(value)[0]}"
    return f"{text}: give {instead or 'text, a number, a list or an object'}"


def _bad_key(key: Json) -> str | None:
    if not isinstance(key, dict | list) or (isinstance(key, dict) and key.get(TAG) in _SAID):
        return None
    return f"a tool is called with JSON, in which no {types_of(key)[0]} is a key: give text"


def _first(values: Iterable[Json]) -> str | None:
    return next((fault for value in values if (fault := unsayable(value)) is not None), None)

"""What a value is that was given to a form: the one that is meant, and not how it is written.

JSON has no infinity, no tuple and no half of a surrogate pair, so a decision has them as tagged objects
(`plan.tagged`). Judged as it is written, infinity is a dict: no answer to a field of type float, and one to a field of
type dict.
"""

from __future__ import annotations

from agno_temporal.plan.data import Json
from agno_temporal.plan.tagged import CLASS_TAGS, READ_TEXT, TAG, fault_of, read_text

_KINDS: dict[str, type] = {"bool": bool, "str": str, "int": int, "float": float, "list": list, "dict": dict}
"""In the order in which a value is asked: a bool is an int in Python."""

_PASSES_FOR = {"int": ("float",), "tuple": ("list",)}


def meant(value: Json) -> Json:
    """The text or the number that a tagged object stands for; anything else as it is written.

    >>> meant({"$type": "float", "value": "inf"}), meant([1])
    (inf, [1])
    """
    if isinstance(value, dict) and value.get(TAG) in ("str", "int", "float") and fault_of(value) is None:
        return READ_TEXT[value[TAG]](read_text(value))
    return value


def types_of(value: Json) -> tuple[str, ...]:
    """The name of a value's type, and then the types of fields, as agno names them, that it passes for.

    An enum member is judged by its value: whether it is a text itself, only its class knows.

    >>> types_of(3), types_of({"$type": "tuple", "items": []}), types_of({"$type": "date", "value": "2024-05-01"})
    (('int', 'float'), ('tuple', 'list'), ('date',))
    """
    value = meant(value)
    if not isinstance(value, dict) or TAG not in value:
        return written_types_of(value)
    tag = value[TAG]
    if not isinstance(tag, str) or tag not in CLASS_TAGS:
        return _with_others(str(tag))
    data = value.get("data")
    if tag == "enum" and isinstance(data, dict) and "value" in data:
        return (_class_of(value), *types_of(data["value"]))
    return (_class_of(value), *(("list",) if tag == "namedtuple" else ()))


def written_types_of(value: Json) -> tuple[str, ...]:
    """The same of how a value is written."""
    return _with_others(next((name for name, cls in _KINDS.items() if isinstance(value, cls)), type(value).__name__))


def _with_others(name: str) -> tuple[str, ...]:
    return (name, *_PASSES_FOR.get(name, ()))


def _class_of(value: Json) -> str:
    name = value.get("class")
    while isinstance(name, dict):
        name = name.get("generic")
    return str(name).rpartition(":")[2]

"""What a row can hold of a value, so that a run which ended can always be written.

A database refuses what Temporal keeps: PostgreSQL's jsonb takes no NUL, no lone surrogate and no NaN, and agno's JSON
encoder raises on a set, a data class or an object (agno/db/utils.py:935). agno logs that and drops the row (D54). Here
the write is tried until it succeeds, so that one such value would hold up the run for ever. So a row says it as well as
it can, and the run itself, in Temporal, keeps the exact value (docs/limits.md).
"""

from __future__ import annotations

import dataclasses
import enum
import math
import re
from typing import Any, Final

from agno.db.utils import CustomJSONEncoder
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from agno_temporal.agno_bridge.value_kinds import LARGEST_PLAIN_INT_BITS

REPLACEMENT: Final = "\ufffd"

MAX_DEPTH: Final = 200
"""Deeper, and JSON encoders run into Python's own limit."""

_UNTELLABLE = re.compile("[\x00\ud800-\udfff]")

_ENCODER = CustomJSONEncoder()


def column_text(text: str) -> str:
    """Text as every database takes it in a text column."""
    return _UNTELLABLE.sub(REPLACEMENT, text)


def row_value(value: Any, strict_text: bool, depth: int = 0) -> Any:
    """A value as plain JSON.

    Args:
        strict_text: The database has PostgreSQL's rules: NUL and lone surrogates become U+FFFD.
    """
    if depth > MAX_DEPTH:
        return f"(nested deeper than {MAX_DEPTH})"
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, str):
        return column_text(value) if strict_text else str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= LARGEST_PLAIN_INT_BITS else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else _not_finite(value)
    if isinstance(value, dict):
        return {_key(key, strict_text): row_value(item, strict_text, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [row_value(item, strict_text, depth + 1) for item in value]
    return row_value(_plain(value), strict_text, depth + 1)


def _not_finite(value: float) -> str:
    """Text from which `float` makes the number again."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _key(key: Any, strict_text: bool) -> str:
    """A key as JSON has it: `json.dumps` writes True as "true", and refuses what is neither text nor number."""
    if isinstance(key, enum.Enum):
        key = key.value
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    text = hex(key) if isinstance(key, int) and key.bit_length() > LARGEST_PLAIN_INT_BITS else _text(key)
    return column_text(text) if strict_text else text


def _plain(value: Any) -> Any:
    """An object as agno's encoder writes it, else as a structure, else as its text."""
    try:
        return _ENCODER.default(value)  # type: ignore[no-untyped-call]
    except Exception:  # Of a class that it does not know, or whose own `to_dict` raises.
        pass
    if isinstance(value, BaseModel):
        return _model(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=lambda item: (type(item).__name__, _text(item)))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    try:
        return to_jsonable_python(value, bytes_mode="base64", fallback=_text)
    except Exception:  # A serializer of the user's own may raise anything, and a row must be written all the same.
        return _text(value)


def _model(value: BaseModel) -> Any:
    """A model as agno writes one (agno/workflow/types.py:594). Where a part of it has no such form, bytes that are no
    UTF-8, say, its parts as they are: each then finds its own. So does one that raises of itself."""
    for mode in ("json", "python"):
        try:
            return value.model_dump(mode=mode, fallback=_text, warnings=False)
        except Exception:  # As above.
            continue
    return dict(vars(value))


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"

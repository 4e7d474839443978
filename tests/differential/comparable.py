"""A run as plain data, without what no two runs can have in common, and where two of them differ.

Left out are ids that agno draws at random (one that was given must be equal), the clock, and what is measured with it;
of these it still counts whether they are set. Everything else is compared: the type of each value, None against an
empty list, the order of a dict's keys.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from agno.metrics import MessageMetrics
from pydantic import BaseModel

MEASURED = {"created_at", "duration", "end_time", "start_time", "time_to_first_token", "timeout_at"}

CIRCULAR = {"workflow_session"}

DRAWN = {
    "child_run_id",
    "executor_run_id",
    "id",
    "member_run_id",
    "parent_run_id",
    "run_id",
    "step_id",
    "step_run_id",
    "tool_call_id",
    "workflow_step_id",
}

RECORDS = {"executor_requirements", "tool_execution"}
"""Objects that agno keeps as dicts."""

SET = "(set)"


class Difference(NamedTuple):
    """One place in which two comparable values differ."""

    where: str
    agno: Any
    ours: Any

    def __str__(self) -> str:
        one, other = repr(self.agno), repr(self.ours)
        same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
        start = max(0, same - 40)
        cut = "..." if start else ""
        return f"{self.where}: {cut}{one[start : same + 160]} in agno, {cut}{other[start : same + 160]} here"


def comparable(value: Any) -> Any:
    """A value as nested dicts that name its types."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _object(value, [field.name for field in dataclasses.fields(value)])
    if isinstance(value, BaseModel):
        return _object(value, list(type(value).model_fields))
    if isinstance(value, dict):
        items = {f"{type(key).__name__} {key}": comparable(item) for key, item in value.items()}
        return {"(type)": type(value).__name__, "(keys)": list(items), **items}
    if isinstance(value, list | tuple):
        return {"(type)": type(value).__name__, "": [comparable(item) for item in value]}
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    return value if value is None or type(value) is str else f"{type(value).__name__} {value!r}"


def _object(value: Any, names: list[str]) -> dict[str, Any]:
    fields = {name: _field(name, getattr(value, name)) for name in names if name != "timer"}
    if isinstance(value, MessageMetrics) and not value.duration:  # agno loses a zero where it stores a run.
        fields["duration"] = None
    return {"(type)": type(value).__name__, **fields}


def _field(name: str, value: Any) -> Any:
    if name in MEASURED or name in CIRCULAR:
        return value if value is None else SET
    if name in DRAWN and _is_drawn(value):
        return SET
    if name == "on_timeout":  # The enum or its value, which are equal: agno keeps what was written.
        return getattr(value, "value", value)
    if name in RECORDS and isinstance(value, list):
        return {"(type)": "list", "": [_record(item) for item in value]}
    return _record(value) if name in RECORDS else comparable(value)


def _record(value: Any) -> Any:
    """A dict with an object's fields, without what is drawn or measured."""
    if not isinstance(value, dict):
        return comparable(value)
    fields = {name: _field(name, item) for name, item in value.items()}
    return {"(type)": "dict", "(keys)": list(fields), **fields}


def _is_drawn(value: Any) -> bool:
    """agno draws UUIDs; here they are derived, as UUIDs too."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def differences(agno: Any, ours: Any, where: str) -> Iterator[Difference]:
    """Each place where two comparable values differ."""
    if isinstance(agno, dict) and isinstance(ours, dict) and agno.keys() == ours.keys():
        for key in agno:
            yield from differences(agno[key], ours[key], f"{where}.{key}" if key else where)
    elif isinstance(agno, list) and isinstance(ours, list) and len(agno) == len(ours):
        for index, (one, other) in enumerate(zip(agno, ours, strict=True)):
            yield from differences(one, other, f"{where}[{index}]")
    elif agno != ours:
        yield Difference(where, agno, ours)

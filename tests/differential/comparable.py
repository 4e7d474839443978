"""A run as plain data, without what no two runs can have in common.

Left out are ids that agno draws at random (one that was given must be equal), the clock, and what is measured with it;
of these it still counts whether they are set. Everything else is compared: the type of each value, None against an
empty list, the order of a dict's keys.

Some fields differ always, on purpose, and are left out (docs/differences.md, "What is shown"): a requirement's `step_id`
is its own id here; the input that it shows has no session in it, and under review nothing of what came after the input;
and an agent's run holds the session state as it was then, where agno's holds the live one.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Any
from uuid import UUID

from agno.run.agent import RunOutput
from agno.run.team import TeamRunOutput
from agno.workflow.types import StepInput, StepRequirement
from pydantic import BaseModel

MEASURED = {"created_at", "duration", "time_to_first_token", "timeout_at"}

DRAWN = {"id", "parent_run_id", "run_id", "step_id", "step_run_id", "tool_call_id", "workflow_step_id"}

APART = {
    StepRequirement: {"step_id"},
    StepInput: {"workflow_session"},
    RunOutput: {"session_state"},
    TeamRunOutput: {"session_state"},
}

SET = "(set)"


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
    apart = {"timer", *APART.get(type(value), ())}
    fields = {name: _field(name, getattr(value, name)) for name in names if name not in apart}
    if isinstance(value, StepRequirement) and value.is_post_execution and value.step_input:
        del fields["step_input"]["previous_step_outputs"], fields["step_input"]["additional_data"]
    return {"(type)": type(value).__name__, **fields}


def _field(name: str, value: Any) -> Any:
    if name in MEASURED:
        return value if value is None else SET
    if name in DRAWN and _is_drawn(value):
        return SET
    if name == "on_timeout":  # The enum or its value, which are equal: agno keeps what was written.
        return getattr(value, "value", value)
    return comparable(value)


def _is_drawn(value: Any) -> bool:
    """agno draws UUIDs; here they are derived, as UUIDs too."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def differing(agno: Any, ours: Any, where: str) -> list[str]:
    """Each place where two comparable values differ, one line for each."""
    if isinstance(agno, dict) and isinstance(ours, dict) and agno.keys() == ours.keys():
        return [line for key in agno for line in differing(agno[key], ours[key], f"{where}.{key}" if key else where)]
    if isinstance(agno, list) and isinstance(ours, list) and len(agno) == len(ours):
        pairs = enumerate(zip(agno, ours, strict=True))
        return [line for index, (one, other) in pairs for line in differing(one, other, f"{where}[{index}]")]
    return [] if agno == ours else [f"{where}: {_parted(agno, ours)}"]


def _parted(agno: Any, ours: Any) -> str:
    """Two values from shortly before the place where they part."""
    one, other = repr(agno), repr(ours)
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, same - 40)
    cut = "..." if start else ""
    return f"{cut}{one[start : same + 160]} in agno, {cut}{other[start : same + 160]} here"

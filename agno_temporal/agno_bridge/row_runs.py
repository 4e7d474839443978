"""A run, and what it asks, as the JSON of a row, also where agno's own `to_dict` raises.

It does so on values that agno itself passes from step to step: a dict with tuples for keys is no content of a last step
that it can write (agno/workflow/types.py:490), nor is a model that holds an object of a class unknown to pydantic, or
bytes that are no UTF-8. One that is anywhere in a run, as in what a team's member said in a nested workflow, takes the
whole run with it. So what raises is written of plain values, and all around it as agno writes it.

And whoever reads a run, agno checks the answers to its forms anew (agno/workflow/types.py:1236): one that is no number
any more, since no row can hold it, would make the whole session unreadable, for every later run of it. So its field is
one of text there. So would a nested workflow's run without a name, which agno takes for an agent's run then
(agno/run/workflow.py:1034): it has its workflow's id for one.
"""

from __future__ import annotations

import copy
from typing import Any

from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import StepRequirement

from agno_temporal.agno_bridge.row_values import row_value


def run_dict(run: WorkflowRunOutput) -> dict[str, Any]:
    """agno's `to_dict`, which here never raises. Its values need not be JSON."""
    data = _written(run)
    _name_nested(run, data)
    return data


def _name_nested(run: WorkflowRunOutput, data: dict[str, Any]) -> None:
    for nested, written in zip(run.step_executor_runs or (), data.get("step_executor_runs") or (), strict=True):
        if isinstance(nested, WorkflowRunOutput):
            written.setdefault("workflow_name", nested.workflow_id or "")
            written.setdefault("parent_run_id", run.run_id)
            _name_nested(nested, written)


def run_row(run: WorkflowRunOutput, strict_text: bool) -> dict[str, Any]:
    """The run as a row has it. `strict_text` is as for `row_value`."""
    row: dict[str, Any] = row_value(run_dict(run), strict_text)
    for requirement in row.get("step_requirements") or ():
        _as_answered(requirement)
    return row


def question_row(shown: Any, strict_text: bool) -> dict[str, Any]:
    """agno's requirement as a row has it, without what the step is given: that is the run's."""
    bare = copy.copy(shown)
    if isinstance(bare, StepRequirement):
        bare.step_input = None
    row: dict[str, Any] = row_value(_written(bare), strict_text)
    _as_answered(row)
    return row


def _as_answered(row: dict[str, Any]) -> None:
    """Make the fields for numbers fields of text whose answer is one here."""
    given = row.get("user_input") or {}
    for field in row.get("user_input_schema") or ():
        if field.get("field_type") in ("int", "float") and isinstance(given.get(field.get("name")), str):
            field.update(field_type="str", allowed_values=None)


def _written(one: Any) -> dict[str, Any]:
    """An object of agno's, as it writes itself, or else field by field."""
    try:
        data: dict[str, Any] = one.to_dict()
    except Exception:  # Whatever a value's own serializer raises.
        data = _by_field(one)
    return data


def _by_field(one: Any) -> dict[str, Any]:
    """Each field as agno writes it when it is alone with those that are text or numbers; where that raises, plain."""
    fields = {name: value for name, value in vars(one).items() if value is not None}
    odd = {name: value for name, value in fields.items() if not isinstance(value, str | int | float)}
    bare = _changed(one, dict.fromkeys(odd))
    try:
        data: dict[str, Any] = bare.to_dict()
    except Exception:  # It cannot be without one of them, or is of a class that always raises.
        return {name: _plain(value) for name, value in fields.items()}
    for name, value in odd.items():
        written = _field(bare, name, value)
        if written is not None:
            data[name] = written
    return data


def _field(bare: Any, name: str, value: Any) -> Any:
    """None where agno leaves it out."""
    try:
        return _changed(bare, {name: value}).to_dict().get(name)
    except Exception:  # Whatever a value's own serializer raises.
        plain = _writable(value) if name == "events" else _plain(value)
    try:
        return _changed(bare, {name: plain}).to_dict().get(name)
    except Exception:  # It takes nothing but objects there.
        return plain


def _changed(one: Any, fields: dict[str, Any]) -> Any:
    """A copy."""
    copied = copy.copy(one)
    vars(copied).update(fields)  # A model of pydantic would look at what it is given.
    return copied


def _writable(events: list[Any]) -> list[Any]:
    """An event that holds such a value is left out of the row. Readers of the run itself have it."""
    return [event for event in events if _can_be_written(event)]


def _can_be_written(event: Any) -> bool:
    try:
        event.to_dict()
    except Exception:  # Whatever a value's own serializer raises.
        return False
    return True


def _plain(value: Any) -> Any:
    """The value as plain JSON, and agno's own objects in it as agno writes them."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and any(_is_agnos(item) for item in value.values()):
        return {name: _plain(item) for name, item in value.items()}
    return _written(value) if _is_agnos(value) else row_value(value, strict_text=False)


def _is_agnos(value: Any) -> bool:
    """Whether agno's own classes say how it is written: what a user's do is no matter here."""
    return hasattr(value, "to_dict") and any(one.__module__.partition(".")[0] == "agno" for one in type(value).__mro__)

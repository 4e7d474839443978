"""A run, and what it asks, as the JSON of a row, also where agno's own `to_dict` raises.

It does so on values that agno itself passes from step to step: a dict with tuples for keys is no content of a last step
that it can write (agno/workflow/types.py:490), nor is a model that holds an object of a class unknown to pydantic. Such
a run is written of plain values; every other one as agno writes it.

And whoever reads a run, agno checks the answers to its forms anew (agno/workflow/types.py:1236): one that is no number
any more, since no row can hold it, would make the whole session unreadable, for every later run of it. So its field is
one of text there. So would a nested workflow's run without a name, which agno takes for an agent's run then
(agno/run/workflow.py:1034): it has its workflow's id for one.
"""

from __future__ import annotations

import copy
from typing import Any

from agno.run.workflow import WorkflowRunOutput
from agno.workflow.types import StepInput, StepOutput, StepRequirement

from agno_temporal.agno_bridge.row_values import row_value


def run_dict(run: WorkflowRunOutput) -> dict[str, Any]:
    """agno's `to_dict`, which here never raises. Its values need not be JSON."""
    try:
        data = run.to_dict()
    except Exception:  # Whatever a value's own serializer raises.
        data = _plain_run(run).to_dict()
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
    try:
        data = bare.to_dict()
    except Exception:  # Whatever a value's own serializer raises.
        data = _plain_requirement(bare).to_dict()
    row: dict[str, Any] = row_value(data, strict_text)
    _as_answered(row)
    return row


def _as_answered(row: dict[str, Any]) -> None:
    """Make the fields for numbers fields of text whose answer is one here."""
    given = row.get("user_input") or {}
    for field in row.get("user_input_schema") or ():
        if field.get("field_type") in ("int", "float") and isinstance(given.get(field.get("name")), str):
            field.update(field_type="str", allowed_values=None)


def _plain_run(run: WorkflowRunOutput) -> WorkflowRunOutput:
    plain = copy.copy(run)
    plain.input, plain.content = _plain(run.input), _plain(run.content)
    results: list[Any] = [_plain_output(one) for one in run.step_results]
    plain.step_results = results
    if run.step_requirements is not None:
        plain.step_requirements = [_plain_requirement(one) for one in run.step_requirements]
    if run.events is not None:
        plain.events = [event for event in run.events if _can_be_written(event)]
    return plain


def _can_be_written(event: Any) -> bool:
    """An event that holds such a value is left out of the row. Readers of the run itself have it."""
    try:
        event.to_dict()
    except Exception:  # Whatever a value's own serializer raises.
        return False
    return True


def _plain_requirement(one: StepRequirement) -> StepRequirement:
    plain = copy.copy(one)
    plain.edited_output = _plain(one.edited_output)
    plain.step_output = _plain_output(one.step_output)
    if one.step_input is not None:
        plain.step_input = _plain_input(one.step_input)
    return plain


def _plain_input(given: StepInput) -> StepInput:
    plain = copy.copy(given)
    plain.input = _plain(given.input)
    plain.previous_step_content = _plain(given.previous_step_content)
    plain.additional_data = _plain(given.additional_data)
    if given.previous_step_outputs is not None:
        plain.previous_step_outputs = {name: _plain_output(one) for name, one in given.previous_step_outputs.items()}
    return plain


def _plain_output(output: Any) -> Any:
    if not isinstance(output, StepOutput):
        return output
    plain = copy.copy(output)
    plain.content = _plain(output.content)
    plain.steps = None if output.steps is None else [_plain_output(one) for one in output.steps]
    return plain


def _plain(value: Any) -> Any:
    return row_value(value, strict_text=False)

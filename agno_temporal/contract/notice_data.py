"""What a notice says: who, where, and the question; never what a step was given or returned.

A webhook leaves the house, and is kept in logs that nobody thinks of. So its body has ids, names and what is asked,
under the keys of the API's documents, and whoever may see more asks the API for it. Left out are contents, and what
people or models filled in: arguments of tools, values, feedback, errors' texts, edited outputs.

It is bounded too: what a model asks can be long. And it is Unicode, or no request could be made of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from agno_temporal.contract.errors import as_unicode
from agno_temporal.contract.moments import moment
from agno_temporal.hitl import Requirement, Resolution, allowed_actions
from agno_temporal.plan.data import Json

MAX_TEXT = 1_000
"""Characters of each text."""

MAX_BYTES = 16 * 1024
"""Of the whole. Receivers commonly refuse bodies beyond 64 KB or so."""

_DROPPED = ("tools", "fields", "choices", "form_message", "message", "selected")
"""What goes first, where the whole is too large."""

Data = dict[str, Json]


def run_data(
    run_id: str, workflow_id: str, workflow_name: str | None, session_id: str | None, user_id: str | None
) -> Data:
    """Whose fact it is."""
    return {
        "run_id": run_id,
        "workflow_id": workflow_id,
        "workflow_name": workflow_name,
        "session_id": session_id,
        "user_id": user_id,
    }


def question_data(run: Data, one: Requirement) -> Data:
    """What is asked, until when, and what may be answered."""
    return bounded(
        {
            **place_data(run, one),
            "message": one.message,
            "actions": [action.value for action in allowed_actions(one)],
            "form_message": one.form_message,
            "fields": None
            if one.form is None
            else [
                {
                    "name": field.name,
                    "type": field.field_type,
                    "required": field.required,
                    "description": field.description,
                }
                for field in one.form
            ],
            "on_reject": one.policy.on_reject,
            "retry_count": one.retry_count,
            "max_retries": one.policy.max_retries,
            "error_type": one.error_type,
            "choices": None if one.choices is None else list(one.choices),
            "allow_multiple_selections": one.allow_multiple_selections,
            "tools": [
                {"tool_call_id": tool.id, "tool_name": tool.tool_name, "kind": tool.kind.value, "member": tool.member}
                for tool in one.tools
            ],
        }
    )


def answer_data(run: Data, one: Requirement, resolution: Resolution) -> Data:
    """What became of a question."""
    decision = resolution.decision
    return bounded(
        {
            **place_data(run, one),
            "decision": {
                "action": decision.action.value,
                "decided_by": decision.decided_by,
                "at": moment(resolution.at),
                "selected": None if decision.selected is None else list(decision.selected),
            },
        }
    )


def end_data(run: Data, status: str, started_at: float, duration: float | None, error_type: str | None) -> Data:
    """How a run ended."""
    ended = {"status": status, "started_at": moment(started_at), "duration": duration, "error_type": error_type}
    return bounded({**run, **ended})


def place_data(run: Data, one: Requirement) -> Data:
    """Which question, and where it stands."""
    return {
        **run,
        "requirement_id": one.id,
        "path": one.path,
        "step_name": one.step_name,
        "kind": one.kind.value,
        "opened_at": moment(one.opened_at),
        "deadline": None if one.deadline is None else moment(one.deadline),
        "on_timeout": one.policy.on_timeout,
    }


def bounded(data: Data) -> Data:
    """As much as a receiver can be expected to take. What was left out is marked with `truncated`."""
    whole = _each(data, as_unicode)
    data = _each(whole, lambda text: text[:MAX_TEXT])
    for key in _DROPPED:
        if len(json.dumps(data)) <= MAX_BYTES:
            break
        data = _without(data, key)
    return data if data == whole else {**data, "truncated": True}


def _each(value: Json, change: Callable[[str], str]) -> Json:
    match value:
        case str():
            return change(value)
        case dict():
            return {key: _each(item, change) for key, item in value.items()}
        case list():
            return [_each(item, change) for item in value]
    return value


def _without(data: Data, dropped: str) -> Data:
    return {
        key: None if key == dropped else _without(item, dropped) if isinstance(item, dict) else item
        for key, item in data.items()
    }

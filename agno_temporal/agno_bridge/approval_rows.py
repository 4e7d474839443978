"""What a run asks, as rows of agno's approvals table.

The row reports, so that one query lists what waits across all runs; what decides is the requirement in the Temporal
workflow. It is read by people who look for something to do, and hundreds of rows make a page: so it holds what is asked
and where, and not what the step was given, nor outputs of megabytes. Those are the run's.

`approval_type` stays empty. AgentOS takes "required" for a lock that only an administrator opens, and would refuse to
continue the run of anybody else (agno/os/auth.py:1102).
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from typing import Any, Final

from agno.run.workflow import WorkflowRunOutput

from agno_temporal.agno_bridge.approval_table import PENDING, SOURCE
from agno_temporal.agno_bridge.row_runs import question_row
from agno_temporal.agno_bridge.row_values import column_text, row_value
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.hitl import Action, Actor, Requirement, Resolution, ToolQuestion
from agno_temporal.plan.data import to_json

NEVER: Final = 253_402_300_799
"""`expires_at` of what has no deadline: the last second of the year 9999. A row without one would stand nowhere in an
order by deadline."""

MAX_TEXT: Final = 4_000
"""Characters of one text in a row; more is cut, and marked."""

MAX_SHOWN_BYTES: Final = 32_000
"""Of one row's `requirements`. Beyond it, the largest parts are left out by name."""

MAX_ASKED_BYTES: Final = 16_000
"""Of one row's `context.requirement`."""

_DISPENSABLE: Final = ("step_output", "edited_output", "executor_requirements", "user_input", "user_input_schema")


def approval_rows(manifest: Manifest, run: WorkflowRunOutput, strict_text: bool) -> list[dict[str, Any]]:
    """One row for each question of a run, answered or not.

    Args:
        run: The same run as agno shows it.
        strict_text: As for `row_value`.
    """
    shown = {one.step_id: one for one in (*(run.step_requirements or ()), *(run.error_requirements or ()))}
    return [_row(manifest, asked, shown.get(asked.requirement.id), strict_text) for asked in manifest.asked]


def _row(manifest: Manifest, asked: Asked, shown: Any, strict_text: bool) -> dict[str, Any]:
    one = asked.requirement
    texts = {
        "id": one.id,
        "run_id": manifest.run_id,
        "session_id": manifest.session_id,
        "status": PENDING if asked.resolution is None else status_of(asked.resolution),
        "source_type": SOURCE,
        "pause_type": one.kind.value,
        "workflow_id": manifest.workflow_id,
        "user_id": manifest.user_id,
        "source_name": one.step_name,
        "resolved_by": asked.resolution.decision.decided_by if asked.resolution else None,
    }
    requirements, left_out = _bounded({} if shown is None else question_row(shown, strict_text))
    return {
        **{name: column_text(text) if text else text for name, text in texts.items()},
        "expires_at": _expires_at(one),
        "requirements": requirements,
        "context": row_value(_context(manifest, one, left_out), strict_text),
        "resolution_data": row_value(_resolution(asked.resolution), strict_text),
        "resolved_at": int(asked.resolution.at) if asked.resolution else None,
        "created_at": int(one.opened_at),
        "updated_at": int(time.time()),
    }


def status_of(resolution: Resolution) -> str:
    """agno's word for an answer (agno/db/schemas/approval.py).

    A timer that approves has approved; whatever else it does is what became of a question that nobody answered.
    """
    decision = resolution.decision
    match decision.action:
        case Action.REJECT | Action.SKIP | Action.CANCEL if decision.decided_by == Actor.TIMER:
            return "expired"
        case Action.CANCEL:
            return "cancelled"
        case Action.REJECT | Action.SKIP:
            return "rejected"
        case Action.ANSWER if all(one.confirmed is False for one in (decision.answers or {}).values()):
            return "rejected"
        case _:
            return "approved"


def _expires_at(one: Requirement) -> int:
    """In whole seconds, rounded up, so that no row looks expired that is not.

    The time of an approval by timer begins when this very row is written: until then the deadline is that of a pause
    which was known at once (`workflows.gate`).
    """
    if one.deadline is None:
        return NEVER
    timeout = one.policy.timeout
    if timeout is not None and one.policy.on_timeout == "approve" and one.deadline == one.opened_at + timeout:
        return math.ceil(max(one.deadline, time.time() + timeout))
    return math.ceil(one.deadline)


def _bounded(data: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The question within its size, and the names of what was left out."""
    data = _cut(data)
    left_out: list[str] = []
    for name in _DISPENSABLE:
        if len(json.dumps(data)) <= MAX_SHOWN_BYTES:
            break
        if data.get(name) is not None:
            data = {**data, name: None}
            left_out.append(name)
    return ([data] if data else []), left_out


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{value[:MAX_TEXT]}... ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in value.items()}
    return [_cut(item) for item in value] if isinstance(value, list) else value


def _context(manifest: Manifest, one: Requirement, left_out: list[str]) -> dict[str, Any]:
    """What is needed to find the question in its workflow, and to show when and how it ends."""
    return {
        "source_name": one.step_name,
        "workflow_name": manifest.workflow_name,
        "path": one.path,
        "step_index": one.step_index,
        "step_type": one.step_type,
        "occurrence": one.occurrence,
        "opened_at": one.opened_at,
        "deadline": one.deadline,
        "on_reject": one.policy.on_reject,
        "on_timeout": one.policy.on_timeout,
        "plan_digest": manifest.plan_digest,
        **({"left_out": left_out} if left_out else {}),
        **_asked(one),
    }


def _asked(one: Requirement) -> dict[str, Any]:
    """The question as the run has it, which agno's form of it cannot say: a list across runs then shows the same as
    the run itself. Of large tools' arguments only the size; of one that is larger still, nothing."""
    for tools in (one.tools, tuple(map(_without_arguments, one.tools))):
        data = to_json(replace(one, tools=tuple(replace(tool, shown=None) for tool in tools)))
        if len(json.dumps(data)) <= MAX_ASKED_BYTES:
            return {"requirement": data}
    return {}


def _without_arguments(tool: ToolQuestion) -> ToolQuestion:
    if tool.tool_args is None:
        return tool
    return replace(tool, tool_args=None, args_size=len(json.dumps(tool.tool_args)))


def _resolution(resolution: Resolution | None) -> dict[str, Any] | None:
    """The answer and its content. Whose it is, and of what, stands in columns of their own."""
    if resolution is None:
        return None
    data: dict[str, Any] = to_json(resolution.decision)
    return {name: value for name, value in data.items() if name not in ("requirement_id", "decided_by")}

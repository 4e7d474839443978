"""A run, and what waits, as JSON: what the HTTP API answers and ``--json`` prints.

Programs rely on the keys: one may be added, none is renamed.

Moments are UTC in ISO 8601, durations seconds, contents plain JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agno_temporal.agno_bridge.values import MalformedValue, decode
from agno_temporal.client import Blocked
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.moments import moment
from agno_temporal.hitl import Action, Requirement, Resolution, ToolAnswer, ToolQuestion, allowed_actions
from agno_temporal.plan import InputField
from agno_temporal.plan.data import Json, to_json
from agno_temporal.views.answer_schemas import answer_schemas
from agno_temporal.views.contents import as_json
from agno_temporal.views.kinds import after_deadline, effects, reached
from agno_temporal.views.run_view import RunView, Shown, previous_content, under_review
from agno_temporal.views.survey import Row, waiting_in
from agno_temporal.views.tree import Branch, step_tree

Document = dict[str, Any]


def runs_document(rows: Sequence[Row]) -> Document:
    """`answered` is false where only Temporal's word is known, because no worker answered, or because what it said
    cannot be read here: then `unreadable` says why."""
    return {
        "runs": [
            {
                "run_id": row.run.run_id,
                "workflow_id": row.run.workflow_id,
                "status": row.status,
                "answered": not row.is_silent and row.unreadable is None,
                "unreadable": row.unreadable,
                "started_at": moment(row.run.started_at.timestamp()),
                "ended_at": moment(row.run.closed_at.timestamp()) if row.run.closed_at else None,
            }
            for row in rows
        ]
    }


def pending_document(rows: Sequence[Row], now: float) -> Document:
    """`no_answer` lists the runs that may wait for more; `unreadable` says why some of them cannot be read here."""
    return {
        "pending": [question_document(manifest, asked, now) for manifest, asked in waiting_in(rows)],
        "no_answer": [row.run.run_id for row in rows if row.is_silent],
        "unreadable": sorted({row.unreadable for row in rows if row.unreadable is not None}),
    }


def run_document(view: RunView) -> Document:
    """`settled` says that it has ended, and that is stored and told; or that only a decision can move it."""
    manifest = view.manifest
    tree = step_tree(view.plan, manifest, view.blocked, view.is_open, view.now) if view.plan else []
    return {
        "run_id": manifest.run_id,
        "workflow_id": manifest.workflow_id,
        "workflow_name": manifest.workflow_name,
        "status": manifest.status,
        "session_id": manifest.session_id,
        "user_id": manifest.user_id,
        "settled": view.settled,
        "started_at": moment(manifest.created_at),
        "duration": manifest.duration,
        "input": as_json(view.output.input),
        "content": as_json(view.output.content),
        "error_type": manifest.error_type,
        "steps": [_branch(branch) for branch in tree],
        "pending": [
            {**question_document(manifest, asked, view.now), **_shown(asked, shown)} for asked, shown in view.waiting()
        ],
        "decisions": decisions_of(manifest),
        "blocked": blocked_document(view.blocked),
        "refused_signals": list(manifest.refused),
    }


def questions_document(manifest: Manifest, now: float) -> Document:
    """What the run waits for, and what was decided, without what its steps were given and returned."""
    return {
        "run_id": manifest.run_id,
        "workflow_id": manifest.workflow_id,
        "status": manifest.status,
        "pending": [question_document(manifest, asked, now) for asked in manifest.asked if asked.resolution is None],
        "decisions": decisions_of(manifest),
    }


def one_document(view: RunView, asked: Asked) -> Document:
    """One question, whole: with what a person decides it by, or with its decision."""
    if asked.resolution is not None:
        decided = resolution_document(asked.resolution)
        return {**requirement_document(view.manifest, asked, view.now), "decision": decided}
    shown = next(shown for one, shown in view.waiting() if one is asked)
    return {**question_document(view.manifest, asked, view.now), **_shown(asked, shown), "decision": None}


def question_document(manifest: Manifest, asked: Asked, now: float) -> Document:
    """What waits, with the schema of the body of each action that it takes."""
    return {**requirement_document(manifest, asked, now), "answers": answer_schemas(asked.requirement)}


def decisions_of(manifest: Manifest) -> list[Document]:
    return [decision_document(asked.requirement, asked.resolution) for asked in manifest.asked if asked.resolution]


def blocked_document(blocked: Sequence[Blocked]) -> list[Document]:
    return [{"activity_id": one.activity_id, "reason": one.reason, "attempts": one.attempts} for one in blocked]


def _branch(branch: Branch) -> Document:
    return {
        "path": branch.path,
        "name": branch.name,
        "kind": branch.kind,
        "what": branch.what,
        "state": branch.standing.name.lower(),
        "times": branch.times,
        "notes": list(branch.notes),
        "steps": [_branch(one) for one in branch.branches],
    }


def requirement_document(manifest: Manifest, asked: Asked, now: float) -> Document:
    """What is asked, and what follows from each answer."""
    one = asked.requirement
    return {
        "requirement_id": one.id,
        "run_id": manifest.run_id,
        "workflow_id": manifest.workflow_id,
        "session_id": manifest.session_id,
        "user_id": manifest.user_id,
        "path": one.path,
        "step_name": one.step_name,
        "step_type": one.step_type,
        "kind": one.kind.value,
        "message": one.message,
        "actions": [action.value for action in allowed_actions(one)],
        "form_message": one.form_message,
        "fields": None if one.form is None else [field_document(field) for field in one.form],
        "opened_at": moment(one.opened_at),
        "deadline": None if one.deadline is None else moment(one.deadline),
        "seconds_left": None if one.deadline is None else round(max(0.0, one.deadline - now), 3),
        "on_timeout": one.policy.on_timeout,
        "after_deadline": None if one.deadline is None else after_deadline(one),
        "on_reject": one.policy.on_reject,
        "effects": list(effects(one)),
        "retry_count": one.retry_count,
        "max_retries": one.policy.max_retries,
        "feedback": one.feedback,
        "error": one.error,
        "error_type": one.error_type,
        "choices": None if one.choices is None else list(one.choices),
        "allow_multiple_selections": one.allow_multiple_selections,
        "reached": reached(asked),
        **_tools(one),
    }


def _tools(one: Requirement) -> Document:
    return {"tools": [_tool(tool) for tool in one.tools]} if one.tools else {}


def _tool(tool: ToolQuestion) -> Document:
    arguments: Any = decode(tool.tool_args, lenient=True)
    return {
        "tool_call_id": tool.id,
        "tool_name": tool.tool_name,
        "kind": tool.kind.value,
        "member": tool.member,
        "arguments": as_json(arguments),
        "arguments_size": tool.args_size,
        "fields": [field_document(field) for field in tool.form],
        "questions": [
            {
                "question": choice.question,
                "options": None if choice.options is None else [option.label for option in choice.options],
                "multi_select": choice.multi_select,
            }
            for choice in tool.choices
        ],
    }


def field_document(field: InputField) -> Document:
    return {
        "name": field.name,
        "type": field.field_type,
        "description": field.description,
        "required": field.required,
        "default": field.value,
        "allowed_values": None if field.allowed_values is None else list(field.allowed_values),
    }


def _shown(asked: Asked, shown: Shown) -> Document:
    return {
        "under_review": as_json(under_review(asked, shown)),
        "previous_output": as_json(previous_content(asked, shown)),
    }


def decision_document(one: Requirement, resolution: Resolution) -> Document:
    """A question that was answered, and how."""
    return {
        "requirement_id": one.id,
        "path": one.path,
        "step_name": one.step_name,
        "kind": one.kind.value,
        "fields": None if one.form is None else [field_document(field) for field in one.form],
        **_tools(one),
        **resolution_document(resolution),
    }


def resolution_document(resolution: Resolution) -> Document:
    """How a question was answered, by whom and when."""
    decision = resolution.decision
    return {
        "action": decision.action.value,
        "decided_by": decision.decided_by,
        "at": moment(resolution.at),
        "feedback": decision.feedback,
        "values": _plain(decision.values),
        "selected": None if decision.selected is None else list(decision.selected),
        **({"edited_output": _plain(decision.edited_output)} if decision.action is Action.EDIT else {}),
        **({} if decision.answers is None else {"answers": _answers(decision.answers)}),
    }


def _answers(answers: Mapping[str, ToolAnswer]) -> Document:
    """The answers to tools, each with the members of its kind."""
    return {tool_id: {name: _plain(value) for name, value in to_json(one).items()} for tool_id, one in answers.items()}


def _plain(value: Json) -> Any:
    """What is kept encoded, as plain JSON; as it is, where a caller of Temporal sent what was never encoded."""
    try:
        return as_json(decode(value, lenient=True))
    except MalformedValue:
        return value

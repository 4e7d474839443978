"""Runs and questions as the database has them, in the same JSON as those that were asked of the run itself.

A row may be a moment old, and does not hold all: so each of these says where it comes from, and what is not known is
empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agno_temporal.agno_bridge.approvals import Waiting
from agno_temporal.agno_bridge.run_table import OPEN, StoredRun
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.moments import moment
from agno_temporal.hitl import Kind
from agno_temporal.views.answer_schemas import answer_schemas
from agno_temporal.views.contents import as_json
from agno_temporal.views.documents import Document, requirement_document


def waiting_document(one: Waiting, now: float) -> Document:
    """`whole` is false where the question was too large for its row: the run has all of it, and its `answers`."""
    requirement = one.requirement()
    manifest = Manifest(
        run_id=one.run_id,
        workflow_id=one.workflow_id,
        status="PAUSED",
        created_at=one.opened_at,
        session_id=one.session_id,
        user_id=one.user_id,
    )
    document = requirement_document(manifest, Asked(requirement or one.outline(), None), now)
    if requirement is None and one.kind == Kind.EXECUTOR.value:
        document["actions"] = ["answer"]
    answers = {} if requirement is None else answer_schemas(requirement)
    return {**document, "answers": answers, "whole": requirement is not None}


def stored_run_document(run: StoredRun, waiting: Sequence[Waiting], now: float) -> Document:
    """`run_document` as far as the database knows it; `source` says so, and `as_of` when it was written."""
    data = run.data or {}
    metrics: dict[str, Any] = data.get("metrics") or {}
    return {
        "run_id": run.run_id,
        "workflow_id": run.workflow_id,
        "workflow_name": data.get("workflow_name"),
        "status": run.status,
        "session_id": run.session_id,
        "user_id": run.user_id,
        "settled": run.status not in OPEN,
        "started_at": moment(data.get("created_at") or run.created_at),
        "duration": metrics.get("duration"),
        "input": as_json(data.get("input")),
        "content": as_json(data.get("content")),
        "error_type": None,
        "steps": [],
        "pending": [waiting_document(one, now) for one in waiting],
        "decisions": [],
        "blocked": [],
        "refused_signals": [],
        "source": "database",
        "as_of": moment(run.updated_at or run.created_at),
    }


def stored_row_document(run: StoredRun) -> Document:
    """One run of a list."""
    closed = run.status not in OPEN
    return {
        "run_id": run.run_id,
        "workflow_id": run.workflow_id,
        "status": run.status,
        "answered": True,
        "unreadable": None,
        "started_at": moment(run.created_at),
        "ended_at": moment(run.updated_at) if closed and run.updated_at else None,
        "session_id": run.session_id,
        "user_id": run.user_id,
    }

"""The run in agno's own database.

agno's own save methods log a warning when a write fails and go on (agno/workflow/workflow.py:2149-2225), so that a run
is reported as paused which nobody can find. Here a write that fails raises, and the caller tries again before it
announces anything. The rows themselves are agno's: they are made and read by its own classes, of values that every
database takes (`row_values`).

A write may come twice, and one that hung may land after its successor. So nothing is added up in place: the session's
metrics are the sum over its runs, and a run that has ended is not written back to an earlier state.
"""

from __future__ import annotations

import copy
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from agno.db.in_memory import InMemoryDb
from agno.metrics import SessionMetrics
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.session._utils import resolve_run_index
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow

from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.half_made import half_made_forgotten
from agno_temporal.agno_bridge.row_runs import run_dict, run_row
from agno_temporal.agno_bridge.row_values import column_text, row_value
from agno_temporal.agno_bridge.silent_failures import check_absent, check_of_another

_ENDED = (RunStatus.completed, RunStatus.error, RunStatus.cancelled)


class SessionOfAnother(ValueError):
    """The session belongs to another user (agno refuses the write with a warning, D70)."""


class UnstorableId(ValueError):
    """An id that no row can have."""


@dataclass(frozen=True)
class OpenedSession:
    """What a run takes from its session: the state it starts with, and the metadata of its run context."""

    state: dict[str, Any]
    metadata: dict[str, Any] | None


def refuse_unstorable(**ids: str | None) -> None:
    """
    Raises:
        UnstorableId: One of the ids holds what a database's text does not.
    """
    for name, value in ids.items():
        if value is not None and column_text(value) != value:
            raise UnstorableId(f"{name} {value[:80]!r} holds a NUL or a lone surrogate, which no database takes.")


async def read_session(
    workflow: Workflow, session_id: str, user_id: str | None, in_thread: RunInThread
) -> WorkflowSession:
    """The session as the database has it, or a new one."""
    fresh = uncached(workflow)
    if workflow._has_async_db():
        found = await fresh._aread_session(session_id=session_id, user_id=user_id)
        if found is not None:
            return found
        await check_absent(workflow.db, session_id, user_id)
        fresh.db = None  # It is not asked twice: the second answer could be a failure.
        return fresh.read_or_create_session(session_id=session_id, user_id=user_id)
    return await in_thread(lambda: fresh.read_or_create_session(session_id=session_id, user_id=user_id))


def uncached(workflow: Workflow) -> Workflow:
    """The workflow without the session that `Workflow(cache_session=True)` keeps in the object: it grows stale as soon
    as another process writes the session."""
    fresh = copy.copy(workflow)
    fresh.cache_session, fresh._workflow_session = False, None
    return fresh


async def open_session(
    workflow: Workflow,
    session_id: str,
    user_id: str | None,
    state: dict[str, Any] | None,
    metadata: dict[str, Any] | None,
    in_thread: RunInThread,
) -> OpenedSession:
    """Read or make the session, and merge what the run was given over what it holds, as agno does: the run's own
    values, then the stored ones, then the workflow's defaults (agno/workflow/workflow.py:2498)."""
    session = await read_session(workflow, session_id, user_id, in_thread)
    stored = deepcopy(session.metadata) if workflow.db is not None else None
    workflow._update_metadata(session)
    merged = workflow._load_session_state(session=session, session_state=deepcopy(state) if state else {})
    defaults = workflow.session_state if workflow.db is None else None
    if not merged and defaults:
        merged = deepcopy(defaults)
    resolved = workflow._resolve_run_params(metadata=metadata, session_metadata=stored)
    return OpenedSession(merged, resolved["metadata"])


async def write_run(
    workflow: Workflow,
    run: WorkflowRunOutput,
    state: dict[str, Any] | None,
    in_thread: RunInThread,
    *,
    is_back: bool = False,
) -> None:
    """Write the session row and the run's row. A `state` of None leaves the session's as it is.

    Args:
        is_back: The run is at an earlier state again: it was reset.

    Raises:
        SessionOfAnother: The session is another user's.
        Exception: Whatever the database raises.
    """
    session = await read_session(workflow, run.session_id or "", run.user_id, in_thread)
    if not is_back and _is_behind(session, run):
        return
    workflow._update_metadata(session)
    if state is not None:
        session.session_data = {**(session.session_data or {}), "session_state": state}
    session.upsert_run(run=run)
    if run.status not in (RunStatus.pending, RunStatus.running):
        session.session_data = {**(session.session_data or {}), "session_metrics": _session_metrics(workflow, session)}
    index = resolve_run_index(session, run)
    shown = await _as_kept(workflow, run)
    with half_made_forgotten(workflow.db):
        await _write(workflow, *_as_rows(workflow.db, session, shown), index, in_thread)


async def _as_kept(workflow: Workflow, run: WorkflowRunOutput) -> WorkflowRunOutput:
    """The run without its media, or with references to them, as `store_media` and `media_storage` say. Both are about
    the database: a run that goes on has its media in its history."""
    if not workflow.store_media:
        return workflow._scrub_run_media_copy(run)
    return await workflow._aoffload_run_media_copy(run, run.session_id or "")


def _is_behind(session: WorkflowSession, run: WorkflowRunOutput) -> bool:
    """Whether the database has the end of this very run already."""
    known: Any = session.get_run(run.run_id or "")
    if known is None or known.created_at != run.created_at:
        return False
    return known.status in _ENDED and run.status not in _ENDED


def _session_metrics(workflow: Workflow, session: WorkflowSession) -> dict[str, Any]:
    """agno adds each run's metrics to what the row has (agno/workflow/workflow.py:11387); a write that comes twice
    would count twice."""
    total = SessionMetrics()
    for run in session.runs or ():
        if run.metrics is not None:
            total.accumulate_from_run(workflow._calculate_session_metrics_from_workflow_metrics(run.metrics))
    return total.to_dict()


def _as_rows(db: Any, session: WorkflowSession, run: WorkflowRunOutput) -> tuple[WorkflowSession, Any]:
    """Session and run of values that the database takes. One in memory keeps what it is handed."""
    if isinstance(db, InMemoryDb):
        return session, run_dict(run)
    strict = has_strict_text(db)
    row = run_row(run, strict)
    for name in ("session_data", "workflow_data", "metadata"):
        setattr(session, name, row_value(getattr(session, name), strict))
    runs: list[Any] = [row if one.run_id == run.run_id else one for one in session.runs or ()]
    session.runs = runs
    return session, row


def has_strict_text(db: Any) -> bool:
    """Whether the database refuses NUL and lone surrogates in JSON: those of SQL other than SQLite."""
    engine = getattr(db, "db_engine", None)
    return engine is not None and engine.dialect.name != "sqlite"


async def _write(
    workflow: Workflow, session: WorkflowSession, run: Any, index: int | None, in_thread: RunInThread
) -> None:
    db: Any = workflow.db
    if workflow._has_async_db():
        saved = await db.upsert_session(session=session)
    else:
        saved = await in_thread(lambda: db.upsert_session(session=session))
    if saved is None:
        await check_of_another(db, session.session_id, session.user_id)
        raise SessionOfAnother(f"Session {session.session_id!r} belongs to another user. Use a session of its own.")
    columns = {"run": run, "session_id": session.session_id, "user_id": session.user_id, "run_index": index}
    try:
        if workflow._has_async_db():
            await db.upsert_run(**columns)
        else:
            await in_thread(lambda: db.upsert_run(**columns))
    except NotImplementedError:
        return  # This database keeps runs inside the session row, which is written.

"""The run in agno's own database.

agno's own save methods log a warning when a write fails and go on (agno/workflow/workflow.py:2149-2225), so that a run
is reported as paused which nobody can find. Here a write that fails raises, and the caller tries again before it
announces anything. The rows themselves are agno's: they are made and read by its own classes.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from agno.run.workflow import WorkflowRunOutput
from agno.session._utils import resolve_run_index
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow

from agno_temporal.agno_bridge.callers import RunInThread


class SessionOfAnother(ValueError):
    """The session belongs to another user (agno refuses the write with a warning, D70)."""


@dataclass(frozen=True)
class OpenedSession:
    """What a run takes from its session: the state it starts with, and the metadata of its run context."""

    state: dict[str, Any]
    metadata: dict[str, Any] | None


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
    session = await _session(workflow, session_id, user_id, in_thread)
    stored = deepcopy(session.metadata) if workflow.db is not None else None
    workflow._update_metadata(session)
    merged = workflow._load_session_state(session=session, session_state=deepcopy(state) if state else {})
    defaults = workflow.session_state if workflow.db is None else None
    if not merged and defaults:
        merged = deepcopy(defaults)
    resolved = workflow._resolve_run_params(metadata=metadata, session_metadata=stored)
    return OpenedSession(merged, resolved["metadata"])


async def write_run(
    workflow: Workflow, run: WorkflowRunOutput, state: dict[str, Any] | None, in_thread: RunInThread
) -> None:
    """Write the session row and the run's row. A `state` of None leaves the session's as it is.

    Raises:
        SessionOfAnother: The session is another user's.
        Exception: Whatever the database raises.
    """
    run = await _as_kept(workflow, run)
    session = await _session(workflow, run.session_id or "", run.user_id, in_thread)
    if state is not None:
        session.session_data = {**(session.session_data or {}), "session_state": state}
    session.upsert_run(run=run)
    index = resolve_run_index(session, run)
    db: Any = workflow.db
    if workflow._has_async_db():
        saved = await db.upsert_session(session=session)
    else:
        saved = await in_thread(lambda: db.upsert_session(session=session))
    if saved is None:
        raise SessionOfAnother(f"Session {session.session_id!r} belongs to another user. Use a session of its own.")
    columns = {"run": run, "session_id": session.session_id, "user_id": session.user_id, "run_index": index}
    try:
        if workflow._has_async_db():
            await db.upsert_run(**columns)
        else:
            await in_thread(lambda: db.upsert_run(**columns))
    except NotImplementedError:
        return  # This database keeps runs inside the session row, which is written.


async def _as_kept(workflow: Workflow, run: WorkflowRunOutput) -> WorkflowRunOutput:
    """The run without its media, or with references to them, as `store_media` and `media_storage` say. Both are about
    the database: a run that goes on has its media in its history."""
    if not workflow.store_media:
        return workflow._scrub_run_media_copy(run)
    return await workflow._aoffload_run_media_copy(run, run.session_id or "")


async def _session(workflow: Workflow, session_id: str, user_id: str | None, in_thread: RunInThread) -> WorkflowSession:
    if workflow._has_async_db():
        return await workflow.aread_or_create_session(session_id=session_id, user_id=user_id)
    return await in_thread(lambda: workflow.read_or_create_session(session_id=session_id, user_id=user_id))

"""A session that is to be deleted: whose it is.

agno finds and deletes sessions by their id alone, in whatever table they share: the session of another workflow, or of
an agent or a team, which it reads as a workflow's without an id (agno/db/utils.py:213). So it is looked who wrote what
is to go: the session's row names the workflow that began it, and each run's row its own. Older rows may name none, and
then are nobody else's.
"""

from __future__ import annotations

from typing import Any

from agno.db.base import SessionType
from agno.run.workflow import WorkflowRunOutput
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow

from agno_temporal.agno_bridge.absent_tables import find_session_tables
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.half_made import half_made_forgotten
from agno_temporal.agno_bridge.silent_failures import check_absent
from agno_temporal.agno_bridge.store import uncached


async def find_session(
    workflow: Workflow, session_id: str, user_id: str | None, in_thread: RunInThread
) -> WorkflowSession | None:
    """The session as the database has it; None where there is no such one of a workflow, or of this user.

    Raises:
        Exception: Whatever the database raises.
    """
    fresh = uncached(workflow)
    if fresh._has_async_db():
        return await _find(fresh, session_id, user_id)
    return await in_thread(lambda: _find_at_once(fresh, session_id, user_id))


def _find_at_once(fresh: Workflow, session_id: str, user_id: str | None) -> WorkflowSession | None:
    db: Any = fresh.db
    with half_made_forgotten(db):
        find_session_tables(db)
        found = fresh._read_session(session_id=session_id, user_id=user_id)
        if found is not None and found.workflow_id is None and _is_an_agents(db.get_session(**_raw(session_id))):
            return None
        return found


async def _find(fresh: Workflow, session_id: str, user_id: str | None) -> WorkflowSession | None:
    """The same of an asynchronous database."""
    db: Any = fresh.db
    with half_made_forgotten(db):
        found = await fresh._aread_session(session_id=session_id, user_id=user_id)
        if found is None:
            await check_absent(db, session_id, user_id)
        elif found.workflow_id is None and _is_an_agents(await db.get_session(**_raw(session_id))):
            return None
        return found


def _raw(session_id: str) -> dict[str, Any]:
    return {"session_id": session_id, "session_type": SessionType.WORKFLOW, "deserialize": False}


def _is_an_agents(row: dict[str, Any] | None) -> bool:
    """Whether it is an agent's, or a team's."""
    return row is not None and bool(row.get("agent_id") or row.get("team_id"))


def runs_of(session: WorkflowSession) -> list[WorkflowRunOutput]:
    """Those of its runs that have an id."""
    return [one for one in session.runs or () if getattr(one, "run_id", None)]


def owners(session: WorkflowSession) -> set[str]:
    """The workflows that its rows name."""
    named = [session.workflow_id, *(getattr(run, "workflow_id", None) for run in runs_of(session))]
    return {one for one in named if one}

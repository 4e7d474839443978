"""A session that is to be deleted: whose it is, and whether it is still what was looked at.

agno finds and deletes sessions by their id alone, in whatever table they share: the session of another workflow, or of
an agent or a team, which it reads as a workflow's without an id (agno/db/utils.py:213). So it is looked who wrote what
is to go: the session's row names the workflow that began it, and each run's row its own. Older rows may name none, and
then are nobody else's.

A run may begin in the session after that, and would lose its row while it waits. So the runs are read once more in the
transaction that deletes, once it has the lock of the session's row. Each write of a run begins with that row (`store`):
it was either before, and is seen, or comes after, and makes the session anew. What agno does once a session is deleted,
outside of the database or at the cost of an error that it does not tell, waits until that is so. Databases that have no
such transactions are read directly before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from typing import Any, Final

from agno.db.base import SessionType
from agno.run.workflow import WorkflowRunOutput
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow

from agno_temporal.agno_bridge.absent_tables import find_session_tables
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.agno_bridge.database_errors import DatabaseFailed
from agno_temporal.agno_bridge.half_made import half_made_forgotten
from agno_temporal.agno_bridge.joined import can_join, joined, joined_async
from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.session_lock import locked
from agno_temporal.agno_bridge.silent_failures import check_absent
from agno_temporal.agno_bridge.store import uncached

_AFTERWARDS: Final = ("_cascade_tool_results", "_release_sandbox_leftovers")
"""agno's own, of its `delete_session` (agno/db/postgres/postgres.py:1448)."""


class HasGrown(Exception):
    """The session has runs that it had not when it was looked at. Its rows are as they were."""

    def __init__(self, run_ids: list[str]) -> None:
        super().__init__(run_ids)
        self.run_ids = run_ids


class SessionNotDeleted(DatabaseFailed):
    """The session is there, and agno did not delete it."""


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


def ids_within(workflow: Workflow) -> set[str | None]:
    """The workflow's id, and those of what is nested in it: agno keeps a nested run in the session of the outer one.

    Raises:
        PlanError: The workflow cannot be run as it is written.
    """
    nested = (node.owner for node in compile_workflow(workflow).live.values())
    return {workflow_id_of(one) for one in (workflow, *nested)}


async def delete_rows(
    workflow: Workflow, session_id: str, user_id: str | None, run_ids: Collection[str], delete_media: bool
) -> None:
    """Delete the session as agno does, if it has no other runs than these.

    Raises:
        HasGrown: It has.
        Exception: Whatever the database raises.
    """
    db: Any = copy.copy(workflow.db)
    db.delete_session = (_deletion_async if workflow._has_async_db() else _deletion)(workflow, frozenset(run_ids))
    await Workflow.adelete_session(uncached(workflow, db), session_id, user_id, delete_media)


def _deletion(workflow: Workflow, known: frozenset[str]) -> Callable[..., Any]:
    """agno's `delete_session`, of a session that has these runs."""
    whole: Any = workflow.db

    def delete_session(session_id: str, user_id: str | None = None) -> None:
        with joined(whole) as db:
            later: list[tuple[str, Any]] = []
            if can_join(whole):
                _put_off(db, later)
                with db.Session() as rows, rows.begin():
                    locked(rows, db._get_table(table_type="sessions"), session_id)
            if _is_as_known(_find_at_once(uncached(workflow, db), session_id, user_id), known):
                _check_deleted(db.delete_session(session_id=session_id, user_id=user_id), session_id)
        for name, argument in later:
            getattr(whole, name)(argument)

    return delete_session


def _deletion_async(workflow: Workflow, known: frozenset[str]) -> Callable[..., Any]:
    """The same of an asynchronous database."""
    whole: Any = workflow.db

    async def delete_session(session_id: str, user_id: str | None = None) -> None:
        async with joined_async(whole) as db:
            later: list[tuple[str, Any]] = []
            if can_join(whole):
                _put_off(db, later, answer=_nothing)
                table = await db._get_table(table_type="sessions")
                async with db.async_session_factory() as rows, rows.begin():
                    await rows.run_sync(locked, table, session_id)
            if _is_as_known(await _find(uncached(workflow, db), session_id, user_id), known):
                _check_deleted(await db.delete_session(session_id=session_id, user_id=user_id), session_id)
        for name, argument in later:
            await getattr(whole, name)(argument)

    return delete_session


async def _nothing() -> None: ...


def _put_off(db: Any, later: list[tuple[str, Any]], answer: Callable[[], Any] = lambda: None) -> None:
    """Have the copy of the database note what is to be done afterwards."""

    def noted(name: str) -> Callable[[Any], Any]:
        def note(argument: Any) -> Any:
            later.append((name, argument))
            return answer()

        return note

    for name in _AFTERWARDS:
        if hasattr(db, name):
            setattr(db, name, noted(name))


def _is_as_known(session: WorkflowSession | None, known: frozenset[str]) -> bool:
    """Whether it is there.

    Raises:
        HasGrown: It has other runs.
    """
    if session is None:
        return False
    if more := [run_id for run in runs_of(session) if (run_id := str(run.run_id)) not in known]:
        raise HasGrown(more)
    return True


def _check_deleted(answer: bool | None, session_id: str) -> None:
    """AsyncPostgresDb tells its log alone why it did not (agno/db/postgres/async_postgres.py:1290)."""
    if answer is False:
        raise SessionNotDeleted(f"Session {session_id!r} could not be deleted. The log of agno says why.")

"""Runs as agno's table has them: what can be said of a run when nobody answers for it, or Temporal has forgotten it.

agno's own `get_runs` reads each run whole to list it, counts all rows at each call, and pages by offset
(agno/db/sqlite/sqlite.py:1191). Here a list reads the columns, and a page begins after the last row of the one before.

The rows are a report, and may be a moment old; a run that was terminated from outside left none of its end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from agno.db.base import AsyncBaseDb

from agno_temporal.agno_bridge.absent_tables import check_absent
from agno_temporal.agno_bridge.approval_table import has_approvals
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.half_made import half_made_forgotten
from agno_temporal.agno_bridge.row_order import AS_OF

T = TypeVar("T")

OPEN: Final = ("PENDING", "RUNNING", "PAUSED")

_WORKFLOW: Final = "workflow"
_COLUMNS: Final = ("run_id", "workflow_id", "session_id", "user_id", "status", "created_at", "updated_at")


@dataclass(frozen=True)
class StoredRun:
    """A run's row. Times are seconds since the epoch; `data` is agno's run as a dict, where it was asked for."""

    run_id: str
    workflow_id: str | None
    session_id: str
    user_id: str | None
    status: str | None
    created_at: int
    updated_at: int | None
    data: dict[str, Any] | None = None


@dataclass(frozen=True)
class RunFilter:
    """Which runs: those of any of these workflows, and exactly of this user and session where one is given."""

    workflow_ids: Collection[str]
    user_id: str | None = None
    session_id: str | None = None
    statuses: Collection[str] | None = None


def has_run_rows(db: Any) -> bool:
    """Whether the database has the table: agno's for SQLite and PostgreSQL do."""
    return has_approvals(db) and hasattr(db, "_get_table")


async def stored_run(db: Any, run_id: str, in_thread: RunInThread) -> StoredRun | None:
    """A run, whole."""
    from sqlalchemy import select

    found = await _on_runs(
        db,
        lambda session, table: session.execute(
            select(table).where(table.c.run_id == run_id, table.c.run_type == _WORKFLOW)
        ).fetchone(),
        in_thread,
    )
    return None if found is None else _stored(found._mapping, found._mapping["run_data"])


async def stored_heads(db: Any, run_ids: Sequence[str], in_thread: RunInThread) -> dict[str, StoredRun]:
    """These runs without their data, those that are there."""
    from sqlalchemy import select

    def read(session: Any, table: Any) -> list[Any]:
        query = select(*_columns(table)).where(table.c.run_id.in_(run_ids), table.c.run_type == _WORKFLOW)
        return list(session.execute(query))

    rows = await _on_runs(db, read, in_thread) if run_ids else None
    return {row._mapping["run_id"]: _stored(row._mapping) for row in rows or ()}


async def stored_head(db: Any, run_id: str, in_thread: RunInThread) -> StoredRun | None:
    """One run without its data."""
    return (await stored_heads(db, [run_id], in_thread)).get(run_id)


async def stored_runs(
    db: Any, which: RunFilter, in_thread: RunInThread, *, limit: int, after: tuple[int, str] | None = None
) -> list[StoredRun]:
    """Runs, the newest first.

    Args:
        after: `created_at` and the id of the last one before.
    """
    from sqlalchemy import select, tuple_

    def read(session: Any, table: Any) -> list[Any]:
        query = select(*_columns(table)).where(
            table.c.run_type == _WORKFLOW, table.c.workflow_id.in_(sorted(which.workflow_ids))
        )
        for name in ("user_id", "session_id"):
            if (value := getattr(which, name)) is not None:
                query = query.where(table.c[name] == value)
        if which.statuses is not None:
            query = query.where(table.c.status.in_(which.statuses))
        if after is not None:
            query = query.where(tuple_(table.c.created_at, table.c.run_id) < after)
        return list(session.execute(query.order_by(table.c.created_at.desc(), table.c.run_id.desc()).limit(limit)))

    rows = await _on_runs(db, read, in_thread)
    return [_stored(row._mapping) for row in rows or ()]


async def open_rows(
    db: Any,
    workflow_id: str | None,
    in_thread: RunInThread,
    *,
    run_id: str | None = None,
    session_id: str | None = None,
) -> list[StoredRun]:
    """The open runs, of a workflow or of any, each of which this library has written: it has a place among its run's
    writes. agno's own have none."""
    from sqlalchemy import select

    def read(session: Any, table: Any) -> list[Any]:
        query = select(*_columns(table), table.c.run_data[AS_OF].label("as_of")).where(
            table.c.run_type == _WORKFLOW, table.c.status.in_(OPEN)
        )
        for name, value in (("workflow_id", workflow_id), ("run_id", run_id), ("session_id", session_id)):
            if value is not None:
                query = query.where(table.c[name] == value)
        return list(session.execute(query.order_by(table.c.created_at, table.c.run_id)))

    rows = await _on_runs(db, read, in_thread)
    return [_stored(row._mapping) for row in rows or () if row.as_of is not None]


def _columns(table: Any) -> list[Any]:
    return [table.c[name] for name in _COLUMNS]


def _stored(row: Any, data: dict[str, Any] | None = None) -> StoredRun:
    bare = None if data is None else {key: value for key, value in data.items() if key != AS_OF}
    return StoredRun(**{name: row[name] for name in _COLUMNS}, data=bare)


async def _on_runs(db: Any, work: Callable[[Any, Any], T], in_thread: RunInThread) -> T | None:
    """None where there is no table yet."""
    with half_made_forgotten(db):
        if not isinstance(db, AsyncBaseDb):
            return await in_thread(lambda: _on_table(db, work))
        table = await db._get_table(table_type="runs")  # type: ignore[attr-defined]
        async with db.async_session_factory() as session:  # type: ignore[attr-defined]
            if table is None:
                await session.run_sync(check_absent, db, db.runs_table_name)
                return None
            answer: T = await session.run_sync(work, table)
            return answer


def _on_table(db: Any, work: Callable[[Any, Any], T]) -> T | None:
    table = db._get_table(table_type="runs")
    with db.Session() as session:
        if table is None:
            check_absent(session, db, db.runs_table_name)
            return None
        return work(session, table)

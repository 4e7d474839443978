"""agno's approvals table, reached past agno's own methods.

Those cannot be told from silence: `update_approval` and `get_approval` answer None where the database is down, and
`create_approval` raises where the row is there already (agno/db/sqlite/sqlite.py:7362-7475). A projection is written
again and again until it is there, so that it needs one statement that inserts or updates, says when it fails, and never
puts a row back from a later state to an earlier one.

Only agno's SQL databases for SQLite and PostgreSQL have the table. The others keep the run's own rows, and cannot list
what waits across runs. SQLAlchemy comes with those databases, so that it is imported where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from agno.db.base import AsyncBaseDb, BaseDb

from agno_temporal.agno_bridge.absent_tables import check_absent
from agno_temporal.agno_bridge.approval_index import has_index, index_made
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.half_made import half_made_forgotten
from agno_temporal.contract.manifest import ENDED

T = TypeVar("T")

SOURCE: Final = "workflow"
PENDING: Final = "pending"


def has_approvals(db: Any) -> bool:
    """Whether the database has agno's approvals table."""
    create = getattr(type(db), "create_approval", None)
    return create not in (None, BaseDb.create_approval, AsyncBaseDb.create_approval)


def bring(
    session: Any, table: Any, run_id: str, run_status: str, rows: Sequence[dict[str, Any]], back_to: int | None = None
) -> None:
    """Bring a run's rows to what they now are. A row that is there and later, or the same, is left alone.

    Args:
        rows: With every column of the table that has a value. `created_at` tells a run from an earlier one of its id.
        back_to: The run is at an earlier state again: its rows are written as they are given, and of those that it has
            from this second on the others are deleted: what is asked again has the same id.
    """
    if back_to is not None:
        _delete(session, table, run_id, rows, back_to)
    _write(session, table, run_id, run_status, rows)


async def made_table(db: Any, in_thread: RunInThread) -> Any:
    """The table, which is made where there is none, for a transaction of the caller's."""
    with half_made_forgotten(db):
        if isinstance(db, AsyncBaseDb):
            return await _async_table(db, create=True)
        return await in_thread(lambda: _table(db, create=True))


async def on_table(db: Any, work: Callable[[Any, Any], T], in_thread: RunInThread, *, create: bool = False) -> T | None:
    """Do something with the table in one transaction; None where there is no table yet.

    Args:
        work: Called with SQLAlchemy's session, which is a synchronous one in either case, and the table.
        create: Make the table where there is none.
    """
    with half_made_forgotten(db):
        if isinstance(db, AsyncBaseDb):
            return await _on_async_table(db, work, create)
        return await in_thread(lambda: _on_table(db, work, create))


def _on_table(db: Any, work: Callable[[Any, Any], T], create: bool) -> T | None:
    if (table := _table(db, create)) is None:
        return None
    with db.Session() as session, session.begin():
        return work(session, table)


async def _on_async_table(db: Any, work: Callable[[Any, Any], T], create: bool) -> T | None:
    if (table := await _async_table(db, create)) is None:
        return None
    async with db.async_session_factory() as session, session.begin():
        answer: T = await session.run_sync(work, table)
    return answer


def _table(db: Any, create: bool) -> Any:
    table = db._get_table(table_type="approvals", create_table_if_not_found=create)
    if table is None:
        with db.Session() as session:
            check_absent(session, db, db.approvals_table_name)
    elif create and not has_index(table):
        with index_made(table, _waiting(table)) as statement, db.Session() as session, session.begin():
            session.execute(statement)
    return table


async def _async_table(db: Any, create: bool) -> Any:
    table = await db._get_table(table_type="approvals", create_table_if_not_found=create)
    if table is None:
        async with db.async_session_factory() as session:
            await session.run_sync(check_absent, db, db.approvals_table_name)
    elif create and not has_index(table):
        with index_made(table, _waiting(table)) as statement:
            async with db.async_session_factory() as session, session.begin():
                await session.execute(statement)
    return table


def _waiting(table: Any) -> Any:
    from sqlalchemy import and_

    return and_(table.c.status == PENDING, table.c.source_type == SOURCE)


def _write(session: Any, table: Any, run_id: str, run_status: str, rows: Sequence[dict[str, Any]]) -> None:
    from sqlalchemy import select, update

    columns = (table.c.id, table.c.status, table.c.run_status, table.c.created_at)
    known = {one[0]: one[1:] for one in session.execute(select(*columns).where(table.c.run_id == run_id))}
    for row in rows:
        same = (row["status"], run_status, row["created_at"])
        if row["status"] == PENDING or known.get(row["id"]) != same:
            session.execute(_upsert(session, table, {**row, "run_status": run_status}))
    if run_status in ENDED:
        left = (table.c.run_id == run_id, table.c.status == PENDING, table.c.source_type == SOURCE)
        session.execute(update(table).where(*left).values(status="cancelled", run_status=run_status))


def _delete(session: Any, table: Any, run_id: str, rows: Sequence[dict[str, Any]], since: int) -> None:
    from sqlalchemy import delete, or_

    ids = [row["id"] for row in rows]
    of_this_run = (table.c.run_id == run_id, table.c.source_type == SOURCE)
    session.execute(delete(table).where(*of_this_run, or_(table.c.id.in_(ids), table.c.created_at >= since)))


def _upsert(session: Any, table: Any, row: dict[str, Any]) -> Any:
    """Insert, or update where the row is not of a later state."""
    from sqlalchemy import and_, or_
    from sqlalchemy.dialects import postgresql, sqlite

    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**row)
    undecided = table.c.status == PENDING
    unended = or_(table.c.run_status.is_(None), table.c.run_status.not_in(ENDED))
    is_open, has_ended = row["status"] == PENDING, row["run_status"] in ENDED
    earlier = undecided if is_open else table.c.id.is_not(None) if has_ended else or_(undecided, unended)
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: statement.excluded[name] for name in row if name != "id"},
        where=or_(
            table.c.created_at < statement.excluded.created_at,
            and_(table.c.created_at == statement.excluded.created_at, earlier),
        ),
    )

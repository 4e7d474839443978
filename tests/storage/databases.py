"""agno's databases, by the names that the tests know them by, and what a test reads of their rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agno.db.base import AsyncBaseDb
from agno.db.in_memory import InMemoryDb
from agno.db.json import JsonDb
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from agno.db.sqlite import AsyncSqliteDb, SqliteDb
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow
from sqlalchemy import select

from agno_temporal.agno_bridge.approval_table import bring, on_table
from tests.postgres import new_schema

SQL = ("SqliteDb", "AsyncSqliteDb", "PostgresDb", "AsyncPostgresDb")

ALL = (*SQL, "InMemoryDb", "JsonDb")


def new_database(kind: str, place: Path, postgres_url: Callable[[], str]) -> Any:
    """An empty database. The server of PostgreSQL is only asked for where it is needed."""
    match kind:
        case "SqliteDb":
            return SqliteDb(db_file=str(place / "agno.db"))
        case "AsyncSqliteDb":
            return AsyncSqliteDb(db_file=str(place / "agno.db"))
        case "PostgresDb":
            return PostgresDb(db_url=postgres_url(), db_schema=new_schema())
        case "AsyncPostgresDb":
            return AsyncPostgresDb(db_url=postgres_url(), db_schema=new_schema())
        case "JsonDb":
            return JsonDb(db_path=str(place))
    return InMemoryDb()


async def disposed(db: Any) -> None:
    """Close its connections."""
    engine = getattr(db, "db_engine", None)
    if isinstance(db, AsyncBaseDb):
        await db.db_engine.dispose()
    elif engine is not None:
        engine.dispose()


async def session_of(workflow: Workflow, session_id: str) -> WorkflowSession | None:
    """agno's `get_session`, or its twin for an async database."""
    if workflow._has_async_db():
        return await workflow.aget_session(session_id=session_id)
    return await asyncio.to_thread(workflow.get_session, session_id=session_id)


async def rows_of(db: Any, kind: str) -> list[dict[str, Any]]:
    """A table of a SQL database, as it is: `sessions`, `runs` or `approvals`; in the order of their making."""

    def read(session: Any, table: Any) -> list[dict[str, Any]]:
        order = (table.c.created_at, *(table.c[name] for name in ("id", "run_id") if name in table.c))
        return [dict(row._mapping) for row in session.execute(select(table).order_by(*order))]

    if isinstance(db, AsyncBaseDb):
        table = await db._get_table(table_type=kind)
        if table is None:
            return []
        async with db.async_session_factory() as session:
            return await session.run_sync(read, table)
    table = db._get_table(table_type=kind)
    if table is None:
        return []
    with db.Session() as session:
        return read(session, table)


async def write_rows(db: Any, run_id: str, run_status: str, rows: Sequence[dict[str, Any]]) -> None:
    """Bring a run's rows in the table of approvals to these, in a transaction of their own."""
    await on_table(
        db, lambda session, table: bring(session, table, run_id, run_status, rows), asyncio.to_thread, create=True
    )

"""Tables that could not be made at the first attempt, or were lost, are made at a later one, by the same process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from agno.run.base import RunStatus
from sqlalchemy import create_engine, event
from sqlalchemy.schema import CreateSchema, DropSchema, ExecutableDDLElement

from agno_temporal.agno_bridge.approval_table import made_table, on_table
from agno_temporal.agno_bridge.run_table import stored_head
from agno_temporal.agno_bridge.store import read_session, write_run
from tests.postgres import PostgresServer, new_schema
from tests.running.scenes import scene
from tests.running.tools import confirm, event_counts
from tests.storage.databases import SQL, disposed, new_database, rows_of
from tests.storage.runs import run, workflow
from tests.support import Bench, eventually


def execute(postgres: PostgresServer, statement: ExecutableDDLElement) -> None:
    engine = create_engine(postgres.url)
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


@pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])
async def test_a_run_goes_on_once_its_tables_can_be_made(bench: Bench, postgres: PostgresServer, kind: Any) -> None:
    schema = new_schema()
    db = kind(db_url=postgres.url, db_schema=schema, create_schema=False)
    at = scene(requires_confirmation=True)
    at.workflow.db = db

    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)

        async def tried_twice() -> bool:
            description = await bench.client.get_workflow_handle(run_id).describe()
            return any(one.attempt > 1 for one in description.raw_description.pending_activities)

        await eventually("a second attempt", tried_twice)
        await asyncio.to_thread(execute, postgres, CreateSchema(schema))
        await bench.paused(run_id)
        [row] = await rows_of(db, "approvals")
        assert row["status"] == "pending"
        assert (await event_counts(bench.client, run_id))["ACTIVITY_TASK_SCHEDULED"] > 0
    await disposed(db)


def lose(db: Any, place: Path, postgres: Callable[[], PostgresServer]) -> None:
    """All tables of it."""
    if isinstance(db, PostgresDb | AsyncPostgresDb):
        execute(postgres(), DropSchema(db.db_schema, cascade=True))
        return
    with closing(sqlite3.connect(place / "agno.db")) as connection, connection:
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            connection.execute(f"drop table {name}")


@pytest.mark.parametrize("kind", SQL)
async def test_runs_go_on_where_the_tables_were_lost(
    bench: Bench, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    def postgres() -> PostgresServer:
        server: PostgresServer = request.getfixturevalue("postgres")
        return server

    db = new_database(kind, tmp_path, lambda: postgres().url)
    at = scene(requires_confirmation=True)
    at.workflow.db = db
    async with bench.worker(at.workflow):
        old = await bench.start(at.workflow)
        [asked] = await bench.paused(old)
        await asyncio.to_thread(lose, db, tmp_path, postgres)
        new = await bench.start(at.workflow)
        await bench.paused(new)
        await bench.runs.decide(old, confirm(asked, by="ana"))
        await bench.ended(old)

    assert {row["run_id"]: row["status"] for row in await rows_of(db, "runs")} == {old: "COMPLETED", new: "PAUSED"}
    await disposed(db)


async def approvals(db: Any) -> Any:
    return await on_table(db, lambda session, table: session.execute(table.select()), asyncio.to_thread)


async def runs(db: Any) -> Any:
    return await stored_head(db, "run-1", asyncio.to_thread)


async def sessions(db: Any) -> Any:
    return await read_session(workflow(db), "s", None, asyncio.to_thread)


@pytest.mark.parametrize("kind", ["AsyncSqliteDb", "AsyncPostgresDb"])
@pytest.mark.parametrize("read", [sessions, runs, approvals])
async def test_a_table_is_looked_at_anew_where_the_first_look_was_given_up(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str, read: Callable[[Any], Awaitable[Any]]
) -> None:
    db = new_database(kind, tmp_path, lambda: str(request.getfixturevalue("postgres").url))
    await write_run(workflow(db), run(RunStatus.paused), {}, asyncio.to_thread)
    await made_table(db, asyncio.to_thread)
    db._table_cache.clear()
    db.metadata.clear()  # As in another process.
    reading = asyncio.ensure_future(read(db))

    def give_up(*_: Any) -> None:
        if any(not table.columns for table in db.metadata.tables.values()):
            reading.cancel()

    event.listen(db.db_engine.sync_engine, "before_cursor_execute", give_up)
    with pytest.raises(asyncio.CancelledError):
        await reading
    event.remove(db.db_engine.sync_engine, "before_cursor_execute", give_up)
    await read(db)
    await disposed(db)


@pytest.mark.parametrize("kind", ["SqliteDb", "AsyncSqliteDb"])
async def test_the_sessions_alone_are_made_again_beside_runs_that_refer_to_them(tmp_path: Path, kind: str) -> None:
    before = new_database(kind, tmp_path, str)
    await write_run(workflow(before), run(RunStatus.paused), {}, asyncio.to_thread)
    await disposed(before)
    with sqlite3.connect(tmp_path / "agno.db") as connection:
        connection.execute("drop table agno_sessions")
    connection.close()
    db = new_database(kind, tmp_path, str)
    await write_run(workflow(db), run(RunStatus.completed), {"total": 1}, asyncio.to_thread)
    assert [row["status"] for row in await rows_of(db, "runs")] == ["COMPLETED"]
    assert [row["session_data"]["session_state"] for row in await rows_of(db, "sessions")] == [{"total": 1}]
    await disposed(db)

"""A database fails with errors that are not SQLAlchemy's: lists say so all the same, and decisions are left."""

from __future__ import annotations

from typing import Any

import pytest
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from httpx import Response
from sqlalchemy import create_engine, event, text

from tests.api.served import problem, release, served
from tests.postgres import PostgresServer, new_schema
from tests.storage.databases import disposed
from tests.support import Bench

KINDS = pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])


async def listed_and_left(bench: Bench, db: Any) -> tuple[Response, Response]:
    """What an API over this database answers, of a run that nobody else tells it of."""
    async with served(bench, release()) as api:
        run_id = await api.start()
        [asked] = await bench.paused(run_id)
    async with served(bench, release(db), worker=False) as api:
        listed = await api.http.get("/v1/requirements")
        question = f"/v1/runs/{run_id}/requirements/{asked.requirement.id}"
        left = await api.http.post(f"{question}/confirm", headers={"Prefer": "respond-async, wait=0"})
    await disposed(db)
    return listed, left


@KINDS
async def test_agno_refuses_the_tables_of_another_version(bench: Bench, postgres: PostgresServer, kind: Any) -> None:
    schema = new_schema()
    engine = create_engine(postgres.url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        connection.execute(text(f"CREATE TABLE {schema}.agno_approvals (id TEXT PRIMARY KEY)"))
    engine.dispose()

    listed, left = await listed_and_left(bench, kind(db_url=postgres.url, db_schema=schema))

    problem(listed, 503, "database-unavailable")
    assert left.status_code == 202


@KINDS
async def test_a_connection_fails_with_an_error_of_the_system(bench: Bench, kind: Any) -> None:
    """As asyncpg's does: SQLAlchemy hands that on as it is."""

    def refuse(*_: Any) -> None:
        raise OSError("Multiple exceptions: [Errno 111] Connect call failed")

    db = kind(db_url="postgresql+psycopg://u:p@127.0.0.1:1/d")
    event.listen(getattr(db.db_engine, "sync_engine", db.db_engine), "do_connect", refuse)

    listed, left = await listed_and_left(bench, db)

    problem(listed, 503, "database-unavailable")
    assert left.status_code == 202

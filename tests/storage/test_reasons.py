"""A write that PostgreSQL refuses: it says why, to an asynchronous database too, which keeps that to its log."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from agno.run.base import RunStatus
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from agno_temporal.agno_bridge.store import write_run
from tests.postgres import PostgresServer, new_schema
from tests.storage.databases import disposed
from tests.storage.runs import run, workflow

KINDS = pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])


async def tables_made(db: Any) -> None:
    await write_run(workflow(db), run(RunStatus.running), {}, asyncio.to_thread)
    await disposed(db)


@KINDS
async def test_that_it_only_reads(postgres: PostgresServer, kind: Any) -> None:
    schema = new_schema()
    await tables_made(kind(db_url=postgres.url, db_schema=schema))
    db = kind(db_url=f"{postgres.url}&options=-c%20default_transaction_read_only%3Don", db_schema=schema)
    with pytest.raises(DBAPIError, match="cannot execute UPDATE in a read-only transaction"):
        await write_run(workflow(db), run(RunStatus.completed), {}, asyncio.to_thread)
    await disposed(db)


@KINDS
async def test_that_somebody_else_has_the_row(postgres: PostgresServer, kind: Any) -> None:
    schema = new_schema()
    await tables_made(kind(db_url=postgres.url, db_schema=schema))
    db = kind(db_url=f"{postgres.url}&options=-c%20lock_timeout%3D100ms", db_schema=schema)
    engine = create_engine(postgres.url)
    with engine.connect() as holder:
        holder.execute(text(f"SELECT * FROM {schema}.agno_sessions FOR UPDATE"))
        with pytest.raises(DBAPIError, match="canceling statement due to lock timeout"):
            await write_run(workflow(db), run(RunStatus.completed), {}, asyncio.to_thread)
    engine.dispose()
    await disposed(db)

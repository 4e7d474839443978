"""Tables that could not be made at the first attempt, or were lost, are made at a later one, by the same process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateSchema, DropSchema, ExecutableDDLElement

from tests.postgres import PostgresServer, new_schema
from tests.running.scenes import scene
from tests.running.tools import confirm, event_counts
from tests.storage.databases import disposed, rows_of
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


@pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])
async def test_runs_go_on_where_the_tables_were_lost(bench: Bench, postgres: PostgresServer, kind: Any) -> None:
    schema = new_schema()
    db = kind(db_url=postgres.url, db_schema=schema)
    at = scene(requires_confirmation=True)
    at.workflow.db = db
    async with bench.worker(at.workflow):
        old = await bench.start(at.workflow)
        [asked] = await bench.paused(old)
        await asyncio.to_thread(execute, postgres, DropSchema(schema, cascade=True))
        new = await bench.start(at.workflow)
        await bench.paused(new)
        await bench.runs.decide(old, confirm(asked, by="ana"))
        await bench.ended(old)

    assert {row["run_id"]: row["status"] for row in await rows_of(db, "runs")} == {old: "COMPLETED", new: "PAUSED"}
    await disposed(db)

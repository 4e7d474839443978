"""The index of what waits: lists are fast with it, and nothing fails without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from agno.db.base import AsyncBaseDb
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from sqlalchemy import create_engine, text

from tests.operations.page import Section
from tests.postgres import PostgresServer, new_schema
from tests.storage.databases import disposed, write_rows
from tests.storage.test_waiting import ids, row

KINDS = pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])


@pytest.fixture
def schema() -> str:
    return new_schema()


@pytest.fixture
def guest(postgres: PostgresServer, schema: str) -> Iterator[str]:
    """The address of the server for a role that may read and write rows there, and owns no table."""
    run(
        postgres.url,
        f"CREATE ROLE {schema} LOGIN",
        f"CREATE SCHEMA {schema}",
        f"GRANT USAGE ON SCHEMA {schema} TO {schema}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {schema}",
    )
    yield postgres.url.replace("postgres@", f"{schema}@")
    run(postgres.url, f"DROP SCHEMA {schema} CASCADE", f"DROP ROLE {schema}")


def run(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


async def agno_makes_its_tables(db: Any) -> None:
    """By itself, without us."""
    made = db._create_all_tables()
    if isinstance(db, AsyncBaseDb):
        await made


@KINDS
async def test_who_does_not_own_the_table_writes_and_lists(
    postgres: PostgresServer, schema: str, guest: str, kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    page = Section("The workers do not own the tables")
    owner = kind(db_url=postgres.url, db_schema=schema)
    db = kind(db_url=guest, db_schema=schema, create_schema=False)
    await agno_makes_its_tables(owner)
    for number in range(2):
        await write_rows(db, f"run-{number}", "PAUSED", [row(number)])

    assert await ids(db) == ["r-00000", "r-00001"]
    [said] = [one.getMessage() for one in caplog.records if one.name == "agno_temporal"]
    page.shows("lists of what waits are slow until the table's owner runs: ", said)
    assert f"CREATE INDEX IF NOT EXISTS ix_agno_approvals_agno_temporal_waiting ON {schema}.agno_approvals" in said
    run(postgres.url, said.partition("owner runs: ")[2].partition(";")[0])
    for one in (db, owner):
        await disposed(one)


@KINDS
async def test_a_replica_that_only_reads_lists_without_it(postgres: PostgresServer, schema: str, kind: Any) -> None:
    owner = kind(db_url=postgres.url, db_schema=schema)
    replica = kind(db_url=f"{postgres.url}&options=-c%20default_transaction_read_only%3Don", db_schema=schema)
    await agno_makes_its_tables(owner)

    assert await ids(replica) == []
    for one in (replica, owner):
        await disposed(one)


@KINDS
async def test_a_table_with_a_long_name_has_one_too(postgres: PostgresServer, schema: str, kind: Any) -> None:
    db = kind(db_url=postgres.url, db_schema=schema, approvals_table="t" * 43)
    await write_rows(db, "run-1", "PAUSED", [row(1)])
    again = kind(db_url=postgres.url, db_schema=schema, approvals_table="t" * 43)
    await write_rows(again, "run-1", "PAUSED", [row(1)])

    def names() -> list[str]:
        engine = create_engine(postgres.url)
        with engine.connect() as connection:
            found = connection.execute(text(f"SELECT indexname FROM pg_indexes WHERE schemaname = '{schema}'"))
            return [name for (name,) in found if name.endswith("_agno_temporal_waiting")]

    assert len(await asyncio.to_thread(names)) == 1
    for one in (db, again):
        await disposed(one)

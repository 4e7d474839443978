"""A database says itself whether it takes writes (`agno_bridge.database_check`)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.db.postgres import AsyncPostgresDb, PostgresDb

from agno_temporal.agno_bridge.database_check import takes_writes
from tests.postgres import PostgresServer
from tests.storage.databases import disposed


async def test_one_that_can_be_written_to_takes_writes(sql: Any) -> None:
    assert await takes_writes(sql, asyncio.to_thread)


@pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])
async def test_postgresql_where_every_transaction_is_read_only_takes_none(kind: Any, postgres: PostgresServer) -> None:
    db = kind(db_url=f"{postgres.url}&options=-c%20default_transaction_read_only%3Don")
    assert not await takes_writes(db, asyncio.to_thread)
    await disposed(db)

"""A worker that is started anew, and whose first connections fail: it finds the session, or nothing yet."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from agno.run.base import RunStatus
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from agno_temporal.agno_bridge.absent_tables import TableNotRead
from agno_temporal.agno_bridge.silent_failures import SessionNotRead
from agno_temporal.agno_bridge.store import read_session, write_run
from tests.postgres import PostgresServer, new_schema
from tests.storage.databases import disposed
from tests.storage.runs import run, workflow


def refuse_connections(db: Any, count: int) -> None:
    """As a server does that is just being started."""
    left = iter(range(count))

    def connecting(dialect: Any, *_: Any) -> None:
        if next(left, None) is not None:
            raise dialect.loaded_dbapi.OperationalError("connection refused")

    event.listen(getattr(db.db_engine, "sync_engine", db.db_engine), "do_connect", connecting)


@pytest.mark.parametrize("refused", range(1, 5))
@pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])
async def test_a_session_is_never_taken_for_a_new_one(postgres: PostgresServer, kind: Any, refused: int) -> None:
    schema = new_schema()
    warm, cold = (kind(db_url=postgres.url, db_schema=schema) for _ in range(2))
    await write_run(workflow(warm), run(RunStatus.completed), {"runs": 3}, asyncio.to_thread)
    refuse_connections(cold, refused)

    session = None
    for _ in range(refused + 1):
        with suppress(SQLAlchemyError, TableNotRead, SessionNotRead):
            session = await read_session(workflow(cold), "s", None, asyncio.to_thread)
            break

    assert session is not None
    assert session.session_data is not None
    assert session.session_data["session_state"] == {"runs": 3}
    assert [one.run_id for one in session.runs or ()] == ["r"]
    await disposed(warm)
    await disposed(cold)

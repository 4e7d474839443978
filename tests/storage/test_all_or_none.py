"""A reader of the database never finds half of what was written together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from agno.db.sqlite import AsyncSqliteDb, SqliteDb
from agno.run.base import RunStatus

from agno_temporal.agno_bridge.store import SessionOfAnother, write_run
from tests.storage.databases import disposed, rows_of
from tests.storage.runs import run, workflow

T = TypeVar("T")


class Refused(Exception):
    """The database did not take a question's row."""


def refuse(_: Any) -> None:
    raise Refused


async def at_once(work: Callable[[], T]) -> T:
    """On this thread: another would have a database of its own."""
    return work()


async def test_a_run_is_not_written_without_its_questions(sql: Any) -> None:
    with pytest.raises(Refused):
        await write_run(workflow(sql), run(RunStatus.paused), {}, asyncio.to_thread, questions=refuse)

    assert [await rows_of(sql, kind) for kind in ("sessions", "runs")] == [[], []]


async def test_a_run_in_the_session_of_another_user_leaves_no_row(sql: Any) -> None:
    await write_run(workflow(sql), run(RunStatus.completed, user_id="ana"), {}, asyncio.to_thread)
    other = run(RunStatus.completed, user_id="ben")
    other.run_id = "other"
    with pytest.raises(SessionOfAnother):
        await write_run(workflow(sql), other, {}, asyncio.to_thread)

    assert [row["run_id"] for row in await rows_of(sql, "runs")] == ["r"]


@pytest.mark.parametrize(
    "db", [SqliteDb(db_url="sqlite://"), AsyncSqliteDb(db_url="sqlite+aiosqlite://")], ids=["sync", "async"]
)
async def test_a_database_in_memory_keeps_what_is_written(db: Any) -> None:
    """It has one connection, which agno's search for a table gives back, with all that was not committed."""
    for status in (RunStatus.paused, RunStatus.completed):
        await write_run(workflow(db), run(status), {}, at_once)

    assert [row["status"] for row in await rows_of(db, "runs")] == ["COMPLETED"]
    await disposed(db)

"""What waits across runs is listed in pages, the nearest deadline first."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from agno.db.base import AsyncBaseDb
from sqlalchemy import text

from agno_temporal.agno_bridge.approval_rows import NEVER
from agno_temporal.agno_bridge.approval_table import on_table
from agno_temporal.agno_bridge.approvals import EVERYTHING, Filter, NoApprovals, Page, statement, waiting
from agno_temporal.agno_bridge.cursors import BadCursor, write_cursor
from tests.storage.conftest import OpenDatabase
from tests.storage.databases import write_rows


def row(number: int, **changes: Any) -> dict[str, Any]:
    """One of many that wait. Deadlines repeat, so that the id decides."""
    return {
        "id": f"r-{number:05}",
        "run_id": f"run-{number}",
        "session_id": f"session-{number % 3}",
        "status": "pending",
        "source_type": "workflow",
        "pause_type": "confirmation",
        "workflow_id": "deploy",
        "user_id": "ana",
        "source_name": "gate",
        "expires_at": 1_000 + number % 7,
        "created_at": 100,
        "updated_at": 100,
        **changes,
    }


async def fill(db: Any, *rows: dict[str, Any]) -> None:
    for one in rows:
        await write_rows(db, one["run_id"], "PAUSED", [one])


async def fill_at_once(db: Any, rows: list[dict[str, Any]]) -> None:
    def insert(session: Any, table: Any) -> None:
        session.execute(table.insert(), rows)

    await on_table(db, insert, asyncio.to_thread, create=True)


async def listed(db: Any, which: Filter = EVERYTHING, **options: Any) -> Page:
    return await waiting(db, asyncio.to_thread, which, **options)


async def ids(db: Any, **which: Any) -> list[str]:
    return [item.id for item in (await listed(db, Filter(**which))).items]


async def test_pages_follow_the_deadline_and_miss_and_repeat_nothing(sql: Any) -> None:
    rows = [row(number) for number in range(25)] + [row(99, expires_at=NEVER)]
    await fill_at_once(sql, rows)
    found: list[str] = []
    cursor = None
    for _ in range(10):
        page = await listed(sql, limit=4, cursor=cursor)
        found += [item.id for item in page.items]
        cursor = page.cursor
        if cursor is None:
            break

    assert found == [one["id"] for one in sorted(rows, key=lambda one: (one["expires_at"], one["id"]))]


async def test_a_decision_between_two_pages_moves_nothing(sql: Any) -> None:
    await fill(sql, *(row(number, expires_at=number) for number in range(4)))
    first = await listed(sql, limit=2)
    await fill(sql, row(0, expires_at=0, status="approved"))
    second = await listed(sql, limit=2, cursor=first.cursor)

    assert [item.id for item in second.items] == ["r-00002", "r-00003"]
    assert second.cursor is None


async def test_only_what_waits_in_a_workflow_is_listed(sql: Any) -> None:
    await fill(sql, row(1), row(2, status="approved"), row(3, source_type="agent"))

    assert await ids(sql) == ["r-00001"]


@pytest.mark.parametrize(
    "which",
    [
        {"workflow_id": "other"},
        {"kind": "user_input"},
        {"step_name": "other"},
        {"user_id": "ben"},
        {"session_id": "other"},
        {"run_id": "run-2"},
        {"deadline_before": 500},
    ],
    ids=lambda which: next(iter(which)),
)
async def test_the_list_is_narrowed_down(sql: Any, which: dict[str, Any]) -> None:
    columns = {"kind": "pause_type", "step_name": "source_name"}
    [(name, value)] = which.items()
    changes = {"expires_at": 499} if name == "deadline_before" else {columns.get(name, name): value}
    await fill(sql, row(1), row(2, **changes), row(3, expires_at=NEVER))

    assert await ids(sql, **which) == ["r-00002"]


async def test_what_has_no_deadline_has_none(sql: Any) -> None:
    await fill(sql, row(1), row(2, expires_at=NEVER))

    assert [item.deadline for item in (await listed(sql)).items] == [1_001, None]


async def test_nothing_waits_where_there_is_no_table_yet(sql: Any) -> None:
    assert await listed(sql) == Page((), None)


async def test_a_page_is_read_by_the_index_whatever_else_there_is(sql: Any) -> None:
    old = [row(number, status="approved") for number in range(2_000)]
    await fill_at_once(sql, old + [row(number) for number in range(5_000, 9_000)])

    def plan(session: Any, table: Any) -> str:
        query = statement(table, EVERYTHING, 50, (1_003, "r-06000"))
        dialect = session.get_bind().dialect
        if dialect.name == "postgresql":  # It does so by itself, a while later. SQLite never does.
            session.execute(text("ANALYZE"))
        explain = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
        asked = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        return "\n".join(str(line) for line in session.execute(text(f"{explain} {asked}".replace(":", "\\:"))))

    answer = await on_table(sql, plan, asyncio.to_thread)

    assert answer
    assert "ix_agno_approvals_agno_temporal_waiting" in answer
    assert "sort" not in answer.lower()
    assert "temp b-tree" not in answer.lower()


DEEP = base64.urlsafe_b64encode(b"[" * 100_000).decode()

NUL, HALF = write_cursor([1, "r-\0"]), write_cursor([1, "r-\ud800"])


@pytest.mark.parametrize("cursor", ["", "?", "W10", "WzEsMl0", "bm8", NUL, HALF, pytest.param(DEEP, id="deep")])
async def test_what_is_no_cursor_is_refused(open_database: OpenDatabase, cursor: str) -> None:
    with pytest.raises(BadCursor):
        await listed(open_database("SqliteDb"), cursor=cursor)


@pytest.mark.parametrize("kind", ["InMemoryDb", "JsonDb"])
async def test_a_database_without_approvals_says_what_is_missing(open_database: OpenDatabase, kind: str) -> None:
    with pytest.raises(NoApprovals, match=f"{kind} keeps no approvals"):
        await listed(open_database(kind))


async def test_a_row_never_goes_back(sql: Any) -> None:
    """What was written late, or twice, changes nothing."""
    decided = row(1, status="approved", resolved_by="ana")
    await write_rows(sql, "run-1", "PAUSED", [row(1)])
    await write_rows(sql, "run-1", "COMPLETED", [decided])
    await write_rows(sql, "run-1", "PAUSED", [row(1)])
    await write_rows(sql, "run-1", "PAUSED", [decided])

    read = sql.get_approval("r-00001")
    found = await read if isinstance(sql, AsyncBaseDb) else read
    assert (found["status"], found["resolved_by"], found["run_status"]) == ("approved", "ana", "COMPLETED")


async def test_a_run_that_has_ended_leaves_nothing_waiting(sql: Any) -> None:
    await write_rows(sql, "run-1", "PAUSED", [row(1), row(2, run_id="run-1")])
    await write_rows(sql, "run-1", "ERROR", [row(2, run_id="run-1", status="cancelled")])

    assert await ids(sql) == []


async def test_a_later_run_of_the_same_id_asks_anew(sql: Any) -> None:
    await write_rows(sql, "run-1", "COMPLETED", [row(1, status="approved")])
    await write_rows(sql, "run-1", "PAUSED", [row(1, created_at=200)])

    assert await ids(sql) == ["r-00001"]

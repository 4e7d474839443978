"""Runs are listed in pages, by what Temporal knows, and by what only the database does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb

from agno_temporal.agno_bridge.cursors import read_cursor, write_cursor
from tests.api.served import Served, problem, release, served
from tests.support import Bench, eventually


@pytest.fixture
async def api(bench: Bench, tmp_path: Path) -> AsyncIterator[Served]:
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    async with served(bench, release(db), release(db, "other", requires_confirmation=False)) as one:
        yield one


async def ids(api: Served, **query: Any) -> list[str]:
    return [one["run_id"] for one in (await api.get("/v1/runs", **query))["runs"]]


async def when_listed(api: Served, count: int) -> None:
    """Temporal's list is a moment behind."""

    async def all_there() -> bool:
        listed = (await api.get("/v1/runs"))["runs"]
        return len(listed) == count and not any(one["status"] == "RUNNING" for one in listed)

    await eventually("the runs to be listed", all_there)


async def test_runs_are_listed_with_agnos_status(api: Served) -> None:
    paused = await api.start(user_id="ana")
    completed = await api.start("other", user_id="ben")
    await when_listed(api, 2)

    listed = {one["run_id"]: one for one in (await api.get("/v1/runs"))["runs"]}
    assert (listed[paused]["status"], listed[paused]["user_id"]) == ("PAUSED", "ana")
    assert (listed[completed]["status"], listed[completed]["ended_at"] is not None) == ("COMPLETED", True)


async def test_the_list_is_narrowed_down(api: Served) -> None:
    paused = await api.start(user_id="ana", session_id="a")
    completed = await api.start("other", user_id="ben", session_id="b")
    await when_listed(api, 2)

    assert await ids(api, workflow_id="other") == [completed]
    assert await ids(api, status="open") == [paused]
    assert await ids(api, status="closed") == [completed]
    assert await ids(api, status="PAUSED") == [paused]
    assert await ids(api, user_id="ben") == [completed]
    assert await ids(api, session_id="a", status="open") == [paused]
    assert await ids(api, session_id="a", status="closed") == []


@pytest.mark.parametrize("query", [{}, {"status": "PAUSED"}], ids=["of Temporal", "of the database"])
async def test_pages_miss_and_repeat_nothing(api: Served, query: dict[str, str]) -> None:
    started = {await api.start() for _ in range(5)}
    await when_listed(api, 5)
    found: list[str] = []
    cursor: str | None = None
    for _ in range(5):
        page = await api.get("/v1/runs", limit=2, **query, **({"cursor": cursor} if cursor else {}))
        found += [one["run_id"] for one in page["runs"]]
        cursor = page["cursor"]
        if cursor is None:
            break

    assert (len(found), set(found)) == (5, started)


async def test_a_cursor_goes_with_its_own_list(api: Served) -> None:
    for _ in range(3):
        await api.start()
    await when_listed(api, 3)
    cursor = (await api.get("/v1/runs", limit=1))["cursor"]

    answer = await api.http.get("/v1/runs", params={"cursor": cursor, "status": "open"})
    problem(answer, 422, "invalid-cursor")


@pytest.mark.parametrize("untold", ["\ud800", "\0"], ids=["half a surrogate pair", "NUL"])
async def test_a_cursor_that_no_row_can_have_given_is_none(api: Served, untold: str) -> None:
    for _ in range(2):
        await api.start(user_id="ana")
    cursor = (await api.get("/v1/runs", limit=1, user_id="ana"))["cursor"]
    digest, [created_at, run_id] = read_cursor(cursor)
    forged = write_cursor([digest, [created_at, run_id + untold]])

    answer = await api.http.get("/v1/runs", params={"cursor": forged, "user_id": "ana"})
    problem(answer, 422, "invalid-cursor")


async def test_what_is_no_filter_lists_nothing_of_others(api: Served) -> None:
    await api.start()
    await when_listed(api, 1)

    for hostile in ("x' OR TaskQueue != 'y", "x\\' OR TaskQueue != \"y\" OR WorkflowType = \\'", "%", "\\", '"', ""):
        assert await ids(api, workflow_id=hostile) == []
        assert await ids(api, user_id=hostile) == []
        assert await ids(api, session_id=hostile) == []


async def test_without_a_database_users_cannot_be_told(bench: Bench) -> None:
    async with served(bench, release()) as api:
        run_id = await api.start()
        await when_listed(api, 1)
        assert [one["status"] for one in (await api.get("/v1/runs"))["runs"]] == ["PAUSED"]
        assert await ids(api, status="open") == [run_id]
        problem(await api.http.get("/v1/runs", params={"user_id": "ana"}), 501, "no-approvals")

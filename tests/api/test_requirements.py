"""What waits across runs is one list, the nearest deadline first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.db.sqlite import SqliteDb
from sqlalchemy import event

from agno_temporal.api.service import SeveralDatabases, new_service
from tests.api.served import Served, problem, release, served
from tests.support import Bench

FORM = [
    {"name": "region", "field_type": "str", "value": "eu", "required": True},
    {"name": "copies", "field_type": "int", "required": False},
]


async def listed(api: Served, **query: Any) -> list[str]:
    return [one["run_id"] for one in (await api.get("/v1/requirements", **query))["pending"]]


async def test_a_question_is_listed_as_its_run_shows_it(bench: Bench, sql: Any) -> None:
    workflow = release(sql, requires_user_input=True, user_input_message="Where?", user_input_schema=FORM, timeout=900)
    async with served(bench, workflow) as api:
        run_id = await api.start(user_id="ana", session_id="s")
        [listed] = (await api.get("/v1/requirements"))["pending"]
        [shown] = (await api.get(f"/v1/runs/{run_id}"))["pending"]

    assert listed["whole"] is True
    assert listed["fields"][0]["default"] == "eu"
    clock = ("seconds_left", "under_review", "previous_output")
    assert {key: listed[key] for key in shown if key not in clock} == {
        key: value for key, value in shown.items() if key not in clock
    }


async def test_pages_go_by_deadline_and_what_has_none_comes_last(bench: Bench, sql: Any) -> None:
    late = release(sql, "late", requires_confirmation=True, timeout=7200)
    early = release(sql, "early", requires_confirmation=True, timeout=3600)
    async with served(bench, late, early, release(sql)) as api:
        never, second, first = [await api.start(name) for name in ("release", "late", "early")]
        found: list[str] = []
        cursor: str | None = None
        while len(found) < 10:
            page = await api.get("/v1/requirements", limit=1, **({"cursor": cursor} if cursor else {}))
            found += [one["run_id"] for one in page["pending"]]
            cursor = page["cursor"]
            if cursor is None:
                break

    assert found == [first, second, never]


async def test_the_list_is_narrowed_down(bench: Bench, tmp_path: Path) -> None:
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    timed = release(db, "timed", requires_output_review=True, timeout=3600)
    async with served(bench, release(db), timed) as api:
        one = await api.start(user_id="ana", session_id="a")
        other = await api.start("timed", user_id="ben", session_id="b")
        soon = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        now = datetime.now(UTC).replace(tzinfo=None).isoformat()

        assert await listed(api, workflow_id="release") == [one]
        assert await listed(api, kind="output_review") == [other]
        assert await listed(api, user_id="ana") == [one]
        assert await listed(api, session_id="b") == [other]
        assert await listed(api, run_id=one) == [one]
        assert await listed(api, step="gate", user_id="ben") == [other]
        assert await listed(api, deadline_before=soon) == [other]
        assert await listed(api, deadline_before=now) == []
        assert await listed(api, user_id="x' OR '1'='1") == []


async def test_what_another_apis_workflows_ask_in_the_same_database_is_not_listed(bench: Bench, tmp_path: Path) -> None:
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    theirs = Bench(bench.client, f"{bench.task_queue}-theirs")
    async with served(bench, release(db)) as api, served(theirs, release(db, "payroll")) as their_api:
        mine, others = await api.start(), await their_api.start("payroll")
        assert await listed(api) == [mine]
        assert await listed(their_api) == [others]
        assert await listed(api, workflow_id="payroll") == []


async def test_a_page_is_one_query_however_many_runs_there_are(bench: Bench, tmp_path: Path) -> None:
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    async with served(bench, release(db)) as api:
        for _ in range(5):
            await api.start()
        await listed(api)
        statements: list[str] = []
        event.listen(db.db_engine, "before_cursor_execute", lambda *it: statements.append(it[2]))
        found = await listed(api)

    assert len(found) == 5
    assert len([one for one in statements if "FROM agno_approvals" in one]) == 1


async def test_without_a_database_it_is_said_what_is_missing(bench: Bench) -> None:
    async with served(bench, release(), worker=False) as api:
        told = problem(await api.http.get("/v1/requirements"), 501, "no-approvals")
    assert "no database" in told["detail"]

    async with served(bench, release(InMemoryDb()), worker=False) as api:
        told = problem(await api.http.get("/v1/requirements"), 501, "no-approvals")
    assert "InMemoryDb keeps no approvals" in told["detail"]


async def test_several_databases_are_refused_by_name(bench: Bench, tmp_path: Path) -> None:
    one, other = (SqliteDb(db_file=str(tmp_path / f"{name}.db")) for name in ("one", "other"))
    with pytest.raises(SeveralDatabases, match=r"SqliteDb .* has alpha; SqliteDb .* has beta"):
        new_service([release(one, "alpha"), release(other, "beta")], bench.client)


async def test_two_objects_of_one_database_are_one(bench: Bench, tmp_path: Path) -> None:
    one, same = (SqliteDb(db_file=str(tmp_path / "one.db")) for _ in range(2))
    service = new_service([release(one, "alpha"), release(same, "beta"), release(None, "gamma")], bench.client)

    assert sorted(service.workflows) == ["alpha", "beta", "gamma"]


async def test_a_database_that_fails_is_503_and_may_be_asked_again(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "agno.db").write_bytes(b"no database" * 1_000)
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    async with served(bench, release(db), worker=False) as api:
        answer = await api.http.get("/v1/requirements")

    problem(answer, 503, "database-unavailable")
    assert str(tmp_path) not in answer.text
    assert answer.headers["retry-after"] == "5"

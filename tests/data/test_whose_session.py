"""Deleting a session is the business of the workflows that have runs in it, though others share the database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from agno.agent import Agent
from agno.db.sqlite import SqliteDb
from agno.session.agent import AgentSession
from agno.workflow import Step, Workflow
from sqlalchemy import text

from agno_temporal.agno_bridge.session_deletion import find_session, owners
from agno_temporal.durable.forgetting import SessionNotFound, SessionShared, forget_session
from tests.api.served import problem, served
from tests.data.test_deleting_sessions import rows_of
from tests.support import Bench


def named(name: str, directory: Path) -> Workflow:
    db = SqliteDb(db_file=str(directory / "agno.db"))
    return Workflow(name=name, steps=[Step(name="a", executor=lambda _: "done")], db=db)


async def ran(bench: Bench, *workflows: Workflow) -> list[str]:
    """A run of each, in session S."""
    run_ids = []
    async with bench.worker(*workflows):
        for workflow in workflows:
            run_ids.append(await bench.start(workflow, "x", session_id="S"))
            await bench.ended(run_ids[-1])
    return run_ids


@pytest.fixture
def one(tmp_path: Path) -> Workflow:
    return named("one", tmp_path)


@pytest.fixture
def other(tmp_path: Path) -> Workflow:
    return named("other", tmp_path)


async def test_another_workflow_has_no_such_session(bench: Bench, one: Workflow, other: Workflow) -> None:
    (run_id,) = await ran(bench, one)
    before = rows_of(one.db, "S")
    with pytest.raises(SessionNotFound, match="Workflow 'other' has no session 'S'"):
        await bench.durable(other).adelete_session("S")
    assert rows_of(one.db, "S") == before
    assert (await bench.runs.run_output(run_id)).content == "done"


async def test_an_api_that_serves_both_does_not_find_it_with_the_other(
    bench: Bench, one: Workflow, other: Workflow
) -> None:
    await ran(bench, one)
    async with served(bench, one, other) as api:
        problem(await api.http.delete("/v1/workflows/other/sessions/S"), 404, "session-not-found")
    assert rows_of(one.db, "S")


async def test_one_that_is_shared_stays_where_the_other_is_not_served(
    bench: Bench, one: Workflow, other: Workflow
) -> None:
    await ran(bench, one, other)
    before = rows_of(one.db, "S")
    for workflow, missing in ((one, "other"), (other, "one")):
        with pytest.raises(SessionShared, match=f"not served here: {missing}") as refused:
            await bench.durable(workflow).adelete_session("S")
        assert refused.value.workflow_ids == (missing,)
    async with served(bench, other) as api:
        problem(await api.http.delete("/v1/workflows/other/sessions/S"), 409, "session-shared")
    assert rows_of(one.db, "S") == before


async def test_one_that_is_shared_is_deleted_where_both_are_served(
    bench: Bench, one: Workflow, other: Workflow
) -> None:
    run_ids = await ran(bench, one, other)
    async with served(bench, one, other) as api:
        answer = await api.http.delete("/v1/workflows/other/sessions/S")
    assert answer.json() == {"session_id": "S", "run_ids": run_ids}
    assert rows_of(one.db, "S") == []


async def test_what_is_nested_in_a_workflow_is_its_own(bench: Bench, one: Workflow, tmp_path: Path) -> None:
    """agno itself writes a run of the nested workflow, into the outer one's session."""
    outer = named("outer", tmp_path)
    outer.steps = [Step(name="nested", workflow=one)]
    outer.run("x", session_id="S")
    found = await find_session(outer, "S", None, asyncio.to_thread)
    assert found is not None
    assert owners(found) == {"one", "outer"}
    await bench.durable(outer).adelete_session("S")
    assert rows_of(one.db, "S") == []


async def test_an_older_session_s_runs_say_whose_it_is(bench: Bench, one: Workflow, other: Workflow) -> None:
    (run_id,) = await ran(bench, one)
    db: Any = one.db
    with db.Session() as rows, rows.begin():
        rows.execute(text("UPDATE agno_sessions SET workflow_id = NULL"))
    with pytest.raises(SessionNotFound):
        await forget_session(bench.runs, other, "S")
    assert await forget_session(bench.runs, one, "S") == [run_id]


async def test_an_agent_s_session_is_no_workflow_s(bench: Bench, one: Workflow) -> None:
    db: Any = one.db
    db.upsert_session(AgentSession(session_id="S", agent_id=Agent(id="writer").id))
    assert await forget_session(bench.runs, one, "S") == []
    assert rows_of(db, "S") == ["agno_sessions"]

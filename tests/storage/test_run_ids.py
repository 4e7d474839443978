"""A run's row is found by its id alone, which a caller may choose: nobody gets at another's run by it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.types import StepInput
from sqlalchemy import event

from agno_temporal import RunError
from agno_temporal.contract.errors import ErrorType
from tests.storage.conftest import OpenDatabase
from tests.storage.test_sessions import call
from tests.support import PATIENCE, Bench


def asks(db: Any, name: str = "asks") -> Workflow:
    def ask(step_input: StepInput) -> str:
        return f"a secret of {step_input.input}"

    return Workflow(name=name, db=db, steps=[Step(name="ask", executor=ask)], telemetry=False)


@pytest.mark.parametrize(
    ("name", "session_id", "user_id"),
    [("asks", "eve's", "eve"), ("asks", "eve's", "bob"), ("others", "bob's", "bob")],
    ids=["another user", "another session", "another workflow"],
)
async def test_a_run_with_the_id_of_another_run_in_the_database_is_refused(
    bench: Bench, sql: Any, name: str, session_id: str, user_id: str
) -> None:
    run_id = f"{bench.task_queue}-run"
    first = asks(sql)
    await first.arun("bob", run_id=run_id, session_id="bob's", user_id="bob")

    async with bench.worker(workflow := asks(sql, name)):
        durable = bench.durable(workflow)
        with pytest.raises(RunError, match="another run under the id") as refused:
            await asyncio.wait_for(durable.arun("eve", run_id=run_id, session_id=session_id, user_id=user_id), PATIENCE)
    assert refused.value.error_type == ErrorType.BAD_REQUEST
    session = await call(bench.durable(first), "get_session", session_id="bob's", user_id="bob")
    assert [(run.content, run.user_id, run.status) for run in session.runs] == [
        ("a secret of bob", "bob", RunStatus.completed)
    ]


async def test_a_run_that_ended_and_that_temporal_keeps_no_longer_does_not_run_again(bench: Bench, sql: Any) -> None:
    run_id = f"{bench.task_queue}-run"
    await asks(sql).arun("bob", run_id=run_id, session_id="bob's")
    async with bench.worker(workflow := asks(sql)):
        durable = bench.durable(workflow)
        with pytest.raises(RunError, match=r"that has ended, as COMPLETED\. Start this one under a new id"):
            await asyncio.wait_for(durable.arun("again", run_id=run_id, session_id="bob's"), PATIENCE)
        session = await call(durable, "get_session", session_id="bob's")
    assert [run.content for run in session.runs] == ["a secret of bob"]


async def test_a_run_for_nobody_ends_in_a_session_of_somebody(bench: Bench, sql: Any) -> None:
    """agno writes the session's user into its row, and the run's next write finds it there."""
    async with bench.worker(workflow := asks(sql)):
        durable = bench.durable(workflow)
        for user_id in ("ana", None):
            run = await asyncio.wait_for(durable.arun("x", session_id=bench.task_queue, user_id=user_id), PATIENCE)
            assert run.status == RunStatus.completed


async def test_a_run_for_nobody_ends_though_its_session_has_become_somebody_s(bench: Bench, sql: Any) -> None:
    gate = HumanReview(requires_confirmation=True)
    steps = [Step(name=name, executor=lambda _: "x", human_review=gate) for name in ("a", "b")]
    workflow = Workflow(name="gated", db=sql, steps=steps, telemetry=False)
    async with bench.worker(workflow, plain := asks(sql)):
        run = await bench.durable(workflow).arun("x", session_id=bench.task_queue)
        await bench.durable(plain).arun("x", session_id=bench.task_queue, user_id="bob")
        while run.is_paused:
            run.steps_requiring_confirmation[-1].confirm()
            run = await asyncio.wait_for(bench.durable(workflow).acontinue_run(run), PATIENCE)
    assert run.status == RunStatus.completed


async def test_runs_of_one_session_have_an_order(bench: Bench, open_database: OpenDatabase) -> None:
    """Also where they begin at the same time."""
    db = open_database("SqliteDb")
    async with bench.worker(workflow := asks(db)):
        durable = bench.durable(workflow)
        await asyncio.gather(*(durable.arun(str(number), session_id="s") for number in range(12)))
        table = db._get_table(table_type="runs")
        with db.Session() as rows:
            indexes = [row.run_index for row in rows.execute(table.select())]
    assert sorted(indexes) == list(range(12))


@pytest.mark.parametrize("kind", ["SqliteDb", "PostgresDb"])
async def test_a_run_looks_for_its_place_once(bench: Bench, open_database: OpenDatabase, kind: str) -> None:
    """And not with each of its writes, which all leave it as it is."""
    statements: list[str] = []
    db = open_database(kind)
    async with bench.worker(workflow := asks(db)):
        event.listen(db.db_engine, "before_cursor_execute", lambda *it: statements.append(it[2]))
        await bench.durable(workflow).arun("x", session_id=bench.task_queue)
    writes = [one for one in statements if one.startswith("INSERT INTO") and "agno_runs" in one.splitlines()[0]]
    places = [one for one in statements if "max(" in one]
    assert (len(writes), len(places)) == (2, 1)


async def test_a_run_whose_session_has_become_another_user_s_goes_on_without_its_rows(bench: Bench, sql: Any) -> None:
    gate = HumanReview(requires_confirmation=True)
    workflow = Workflow(
        name="gated", db=sql, telemetry=False, steps=[Step(name="a", executor=lambda _: "x", human_review=gate)]
    )
    async with bench.worker(workflow, plain := asks(sql)):
        durable, session_id = bench.durable(workflow), bench.task_queue
        run = await durable.arun("x", session_id=session_id, user_id="ana")
        await call(workflow, "delete_session", session_id=session_id)
        await bench.durable(plain).arun("x", session_id=session_id, user_id="bob")
        run.steps_requiring_confirmation[0].confirm()
        run = await asyncio.wait_for(durable.acontinue_run(run), PATIENCE)
        session = await call(bench.durable(plain), "get_session", session_id=session_id, user_id="bob")
    assert run.status == RunStatus.completed
    assert [one.user_id for one in session.runs] == ["bob"]


async def test_an_id_that_no_index_takes_is_refused_when_the_run_opens(bench: Bench, sql: Any) -> None:
    async with bench.worker(workflow := asks(sql)):
        with pytest.raises(RunError, match=r"user_id .* has more than 1000 bytes"):
            await asyncio.wait_for(bench.durable(workflow).arun("x", user_id="u" * 8_000), PATIENCE)

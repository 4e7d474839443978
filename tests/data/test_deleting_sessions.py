"""Deleting a session: nothing is left of its runs, and nothing of others is touched; never while one is open."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import HumanReview, Step, Workflow
from sqlalchemy.exc import OperationalError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from agno_temporal.durable.forgetting import SessionInUse
from agno_temporal.hitl import Action, Decision
from tests.api.served import problem, served
from tests.data.scenes import converter, converting
from tests.support import Bench, eventually

GATE = HumanReview(requires_confirmation=True)


def storing(directory: Path) -> Workflow:
    steps = [
        Step(name="large", executor=lambda _: "x" * 20_000),
        Step(name="gate", executor=lambda _: "done", human_review=GATE),
    ]
    return Workflow(name="storing", steps=steps, db=SqliteDb(db_file=str(directory / "agno.db")))


async def confirmed(bench: Bench, run_id: str) -> None:
    (asked,) = await bench.paused(run_id)
    await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
    await bench.ended(run_id)


def rows_of(db: Any, session_id: str) -> list[str]:
    """Where the database has something of a session, or of its runs."""
    from sqlalchemy import inspect, text

    found = []
    with db.Session() as session:
        for table in inspect(session.connection()).get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                if session_id in repr(row):
                    found.append(table)
    return found


def directories(tmp_path: Path) -> set[str]:
    return {path.parent.name for path in (tmp_path / "blobs").rglob("*") if path.is_file()}


async def gone(bench: Bench, run_id: str) -> bool:
    try:
        await bench.client.get_workflow_handle(run_id).fetch_history()
    except RPCError:
        return True
    return False


async def test_nothing_is_left_of_its_runs_and_other_sessions_are_as_they_were(bench: Bench, tmp_path: Path) -> None:
    ours = converting(bench, converter({}, tmp_path / "blobs", threshold=10_000))
    workflow = storing(tmp_path)
    async with ours.worker(workflow):
        mine = [await ours.start(workflow, "x", session_id="mine") for _ in range(2)]
        other = await ours.start(workflow, "x", session_id="other")
        for run_id in (*mine, other):
            await confirmed(ours, run_id)
        assert rows_of(workflow.db, "mine")
        assert directories(tmp_path) == {*mine, other}
        await ours.durable(workflow).adelete_session("mine")
        assert rows_of(workflow.db, "mine") == []
        assert directories(tmp_path) == {other}
        for run_id in mine:
            await eventually("the history to be deleted", lambda run_id=run_id: gone(ours, run_id))
        assert (await ours.runs.run_output(other)).content == "done"
        assert rows_of(workflow.db, "other")
        await ours.durable(workflow).adelete_session("mine")


async def test_a_session_with_an_open_run_is_left_as_it_is(bench: Bench, tmp_path: Path) -> None:
    workflow = storing(tmp_path)
    async with bench.worker(workflow):
        ended, waiting = [await bench.start(workflow, "x", session_id="mine") for _ in range(2)]
        await confirmed(bench, ended)
        await bench.paused(waiting)
        before = rows_of(workflow.db, "mine")
        with pytest.raises(SessionInUse, match=waiting) as refused:
            await bench.durable(workflow).adelete_session("mine")
        assert refused.value.run_ids == (waiting,)
        assert rows_of(workflow.db, "mine") == before
        assert (await bench.runs.run_output(ended)).content == "done"


async def test_it_is_not_deleted_for_another_user(bench: Bench, tmp_path: Path) -> None:
    workflow = storing(tmp_path)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x", session_id="mine", user_id="ana")
        await confirmed(bench, run_id)
        await bench.durable(workflow).adelete_session("mine", user_id="eve")
        assert rows_of(workflow.db, "mine")
        assert (await bench.runs.run_output(run_id)).content == "done"


async def test_where_the_database_is_away_nothing_is_said_to_be_deleted(bench: Bench, tmp_path: Path) -> None:
    """agno takes a database that does not answer for one that has no such session."""
    workflow = storing(tmp_path)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x", session_id="mine")
        await confirmed(bench, run_id)
        away = storing(tmp_path / "away")
        shutil.rmtree(tmp_path / "away")
        with pytest.raises(OperationalError):
            await bench.durable(away).adelete_session("mine")
        assert not await gone(bench, run_id)


async def test_over_http_it_says_what_was_deleted_or_which_run_is_open(bench: Bench, tmp_path: Path) -> None:
    workflow = storing(tmp_path)
    place = "/v1/workflows/storing/sessions/mine"
    async with served(bench, workflow) as api:
        run_id = await api.start("storing", input="x", session_id="mine")
        refused = await api.http.delete(place)
        problem(refused, 409, "session-in-use")
        assert refused.json()["run_ids"] == [run_id]
        await confirmed(bench, run_id)
        answer = await api.http.delete(place)
        assert answer.json() == {"session_id": "mine", "run_ids": [run_id]}
        assert (await api.http.delete(place)).json() == {"session_id": "mine", "run_ids": []}
        problem(await api.http.delete("/v1/workflows/other/sessions/mine"), 404, "workflow-not-found")


@pytest.mark.parametrize("session_id", ["team/42", "/42/", "a?b#c", "50%2F"])
async def test_over_http_a_session_is_deleted_whose_id_is_no_part_of_an_address(
    bench: Bench, tmp_path: Path, session_id: str
) -> None:
    workflow = storing(tmp_path)
    async with served(bench, workflow) as api:
        run_id = await api.start("storing", input="x", session_id=session_id)
        await confirmed(bench, run_id)
        answer = await api.http.delete(f"/v1/workflows/storing/sessions/{quote(session_id, safe='')}")
        assert answer.json() == {"session_id": session_id, "run_ids": [run_id]}


async def test_one_whose_open_run_this_temporal_does_not_have_is_left_as_it_is(bench: Bench, tmp_path: Path) -> None:
    """It may be the wrong Temporal, or namespace, that is asked: a missing run has not ended by that."""
    workflow = storing(tmp_path)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x", session_id="mine")
        await bench.paused(run_id)
    before = rows_of(workflow.db, "mine")
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=shutil.which("temporal")) as other:
        elsewhere = Bench(other.client, bench.task_queue)
        with pytest.raises(SessionInUse, match=r"rebuild RUN_ID app\.py --lost") as refused:
            await elsewhere.durable(workflow).adelete_session("mine")
    assert refused.value.run_ids == (run_id,)
    assert rows_of(workflow.db, "mine") == before

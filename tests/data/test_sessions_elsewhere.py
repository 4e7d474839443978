"""Deleting a session whose runs are on another task queue: nothing is deleted, and the queue is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow

from agno_temporal.durable.forgetting import SessionElsewhere
from tests.api.served import problem, served, some_id
from tests.data.test_deleting_sessions import rows_of
from tests.support import Bench


@pytest.fixture
def kept(tmp_path: Path) -> Workflow:
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    return Workflow(name="kept", steps=[Step(name="a", executor=lambda _: "done")], db=db)


@pytest.fixture
def elsewhere(bench: Bench) -> Bench:
    return Bench(bench.client, some_id("queue"))


async def ran(bench: Bench, workflow: Workflow) -> str:
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x", session_id="S")
        await bench.ended(run_id)
    return run_id


async def test_from_another_queue_it_is_left_as_it_is(bench: Bench, elsewhere: Bench, kept: Workflow) -> None:
    run_id = await ran(bench, kept)
    before = rows_of(kept.db, "S")
    with pytest.raises(SessionElsewhere, match=bench.task_queue) as refused:
        await elsewhere.durable(kept).adelete_session("S")
    assert refused.value.queues == {run_id: bench.task_queue}
    assert rows_of(kept.db, "S") == before


async def test_over_http_the_queue_is_named(bench: Bench, elsewhere: Bench, kept: Workflow) -> None:
    await ran(bench, kept)
    async with served(elsewhere, kept, worker=False) as api:
        body = problem(await api.http.delete("/v1/workflows/kept/sessions/S"), 409, "session-elsewhere")
    assert bench.task_queue in body["detail"]


async def test_another_workflow_s_run_of_the_same_id_keeps_nothing(
    bench: Bench, elsewhere: Bench, kept: Workflow
) -> None:
    """The run's own history was deleted, and somebody else took its id."""
    run_id = await ran(bench, kept)
    other = Workflow(name="other", steps=kept.steps)
    async with elsewhere.worker(other):
        await elsewhere.client.start_workflow("other", {"input": "x"}, id=run_id, task_queue=elsewhere.task_queue)
        await elsewhere.ended(run_id)
    await bench.durable(kept).adelete_session("S")
    assert rows_of(kept.db, "S") == []
    assert (await elsewhere.runs.run_output(run_id)).content == "done"

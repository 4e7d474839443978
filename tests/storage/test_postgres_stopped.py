"""PostgreSQL goes away in the middle of a run, as in a power cut, and comes back: news wait, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from agno.run import RunContext
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput

from agno_temporal.contract import names
from tests.postgres import PostgresServer
from tests.running.scenes import Scene, scene
from tests.running.tools import confirm, deciders, replays
from tests.storage.databases import disposed, new_database, rows_of
from tests.support import Bench, eventually


@pytest.fixture
def power() -> Iterator[PostgresServer]:
    """A server of the test's own, that it may stop."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["PostgresDb", "AsyncPostgresDb"])
async def db(request: pytest.FixtureRequest, power: PostgresServer, tmp_path: Any) -> AsyncIterator[Any]:
    db = new_database(request.param, tmp_path, lambda: power.url)
    yield db
    await disposed(db)


def with_power_cut(db: Any, power: PostgresServer) -> Scene:
    """A scene whose database goes away before its gate opens."""
    at = scene(requires_confirmation=True)

    def last(step_input: Any) -> str:
        power.stop()
        return "the last before it went away"

    at.workflow.steps.insert(0, Step(name="last", executor=last))
    at.workflow.db = db
    return at


async def is_tried_again(bench: Bench, run_id: str) -> None:
    async def retried() -> bool:
        history = await bench.client.get_workflow_handle(run_id).fetch_history()
        scheduled = [event.activity_task_scheduled_event_attributes for event in history.events]
        return names.PROJECT in {one.activity_type.name for one in scheduled}

    await eventually("the rows to be written by a regular activity", retried)


async def is_blocked(bench: Bench, run_id: str) -> None:
    async def tried_twice() -> bool:
        description = await bench.client.get_workflow_handle(run_id).describe()
        return any(one.attempt > 1 for one in description.raw_description.pending_activities)

    await eventually("a second attempt", tried_twice)


async def test_a_pause_is_told_when_the_database_is_back(bench: Bench, db: Any, power: PostgresServer) -> None:
    at = with_power_cut(db, power)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await is_tried_again(bench, run_id)
        [untold] = await bench.runs.requirements(run_id)
        assert not (await bench.runs.manifest(run_id)).quiet
        await asyncio.to_thread(power.start)
        [told] = await bench.paused(run_id)
        [row] = await rows_of(db, "approvals")

    assert (row["id"], row["status"]) == (untold.requirement.id, "pending") == (told.requirement.id, "pending")


async def test_a_decision_that_no_row_could_show_stands(bench: Bench, db: Any, power: PostgresServer) -> None:
    at = scene(requires_confirmation=True)
    at.workflow.db = db
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await asyncio.to_thread(power.stop)
        await bench.runs.decide(run_id, confirm(asked, by="ana"))
        await is_tried_again(bench, run_id)
        await asyncio.to_thread(power.start)
        run = await bench.ended(run_id)
        [row] = await rows_of(db, "approvals")
        [stored] = await rows_of(db, "runs")

    assert deciders(run) == ["ana"]
    assert at.ran == ["before", "gate", "after"]
    assert (row["status"], row["resolved_by"], row["run_status"]) == ("approved", "ana", "COMPLETED")
    assert stored["status"] == "COMPLETED"
    await replays(bench.client, run_id)


async def test_a_step_that_reads_its_history_meanwhile_keeps_its_retries(
    bench: Bench, db: Any, power: PostgresServer
) -> None:
    def last(step_input: StepInput) -> str:
        if step_input.input == "down":
            power.stop()
        return "the last before it went away"

    def reads(step_input: StepInput) -> str:
        return f"{len(step_input.get_workflow_history() or [])} earlier"

    review = HumanReview(on_error="skip")
    steps = [Step(name="last", executor=last), Step(name="reads", executor=reads, max_retries=0, human_review=review)]
    workflow = Workflow(name="remembering", db=db, steps=steps)
    async with bench.worker(workflow):
        await bench.ended(await bench.start(workflow, "up", session_id="s"))
        run_id = await bench.start(workflow, "down", session_id="s")
        await is_blocked(bench, run_id)
        await asyncio.to_thread(power.start)
        await bench.ended(run_id)

    assert (await bench.runs.run_output(run_id)).content == "1 earlier"


async def test_a_run_that_starts_meanwhile_finds_its_session(bench: Bench, db: Any, power: PostgresServer) -> None:
    def count(step_input: StepInput, run_context: RunContext) -> str:
        state = run_context.session_state
        assert state is not None
        state["runs"] = state.get("runs", 0) + 1
        return f"run {state['runs']}"

    workflow = Workflow(name="counting", db=db, steps=[Step(name="count", executor=count)])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        await durable.arun("one", session_id="s")
        await asyncio.to_thread(power.stop)
        run_id = await bench.start(workflow, "two", session_id="s")

        await is_blocked(bench, run_id)
        await asyncio.to_thread(power.start)
        run = await bench.ended(run_id)

    assert run.status == "COMPLETED"
    assert (await bench.runs.run_output(run_id)).content == "run 2"

"""agno's methods for sessions do on a durable workflow what they do on its own: they read and write the same rows."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from agno.agent import Agent
from agno.db.sqlite import SqliteDb
from agno.run import RunContext
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput

from agno_temporal import DurableWorkflow
from agno_temporal.agno_bridge import session_history
from tests.differential.models import MeteredModel
from tests.storage.conftest import OpenDatabase
from tests.support import Bench


def counting(db: Any, **options: Any) -> Workflow:
    def count(step_input: StepInput, run_context: RunContext) -> str:
        state = run_context.session_state
        assert state is not None
        state["runs"] = state.get("runs", 0) + 1
        return f"run {state['runs']} of {step_input.input}"

    return Workflow(name="counting", db=db, steps=[Step(name="count", executor=count)], **options)


async def ran_twice(bench: Bench, db: Any, **options: Any) -> DurableWorkflow:
    """A workflow with two runs in the session "s"."""
    workflow = counting(db, **options)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        for topic in ("bees", "ants"):
            await durable.arun(topic, session_id="s", run_id=f"{bench.task_queue}-{topic}")
    return durable


async def call(durable: DurableWorkflow, method: str, **arguments: Any) -> Any:
    """The method, or its asynchronous twin where the database is an asynchronous one."""
    if durable._has_async_db():
        return await getattr(durable, f"a{method}")(**arguments)
    return getattr(durable, method)(**arguments)


async def test_the_last_run_and_the_chat_are_read(bench: Bench, sql: Any) -> None:
    durable = await ran_twice(bench, sql)

    assert (await call(durable, "get_last_run_output", session_id="s")).content == "run 2 of ants"
    chat = await call(durable, "get_chat_history", session_id="s")
    assert [(one.input, one.output) for one in chat] == [("bees", "run 1 of bees"), ("ants", "run 2 of ants")]
    [last] = await call(durable, "get_chat_history", session_id="s", last_n_runs=1)
    assert last.input == "ants"
    run = await call(durable, "get_run", run_id=f"{bench.task_queue}-bees", session_id="s")
    assert run.content == "run 1 of bees"


async def test_a_session_keeps_its_name_over_later_runs(bench: Bench, sql: Any) -> None:
    workflow = counting(sql)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        await durable.arun("bees", session_id="s")
        await call(durable, "set_session_name", session_id="s", session_name="insects")
        await durable.arun("ants", session_id="s")

    assert await call(durable, "get_session_name", session_id="s") == "insects"


async def test_a_name_that_is_given_while_a_run_waits_is_kept(bench: Bench, sql: Any) -> None:
    workflow = counting(sql)
    workflow.steps.append(
        Step(name="gate", executor=lambda _: "on", human_review=HumanReview(requires_confirmation=True))
    )
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("bees", session_id="s")
        await call(durable, "set_session_name", session_id="s", session_name="insects")
        run.steps_requiring_confirmation[0].confirm()
        await durable.acontinue_run(run)

    assert await call(durable, "get_session_name", session_id="s") == "insects"


async def test_the_state_that_is_set_between_two_runs_is_the_next_ones(bench: Bench, sql: Any) -> None:
    workflow = counting(sql)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        await durable.arun("bees", session_id="s")
        await call(durable, "update_session_state", session_id="s", session_state_updates={"runs": 10})
        run = await durable.arun("ants", session_id="s")

    assert run.content == "run 11 of ants"
    assert await call(durable, "get_session_state", session_id="s") == {"runs": 11}


async def test_ids_that_agno_puts_into_a_state_are_not_kept_though_a_caller_hands_them_over(
    bench: Bench, sql: Any
) -> None:
    """As whoever passes on the state of an agent's run does."""
    given = {"k": 1, "workflow_id": "another", "current_run_id": "another"}
    async with bench.worker(workflow := counting(sql)):
        durable = bench.durable(workflow)
        await durable.arun("bees", session_id="s", session_state=given)
        session = await call(durable, "get_session", session_id="s")
    assert session.session_data["session_state"] == {"k": 1, "runs": 1}


async def test_the_metrics_of_a_session_are_those_of_its_runs(bench: Bench, sql: Any) -> None:
    writer = Agent(name="writer", model=MeteredModel(task="Write"), telemetry=False)
    workflow = Workflow(name="writing", db=sql, steps=[Step(name="write", agent=writer)])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        runs = [await durable.arun(topic, session_id="s") for topic in ("bees", "ants")]
    metrics = await call(durable, "get_session_metrics", session_id="s")

    each = [run.metrics.steps["write"].metrics for run in runs if run.metrics]
    assert metrics.total_tokens == sum(one.total_tokens for one in each)
    assert metrics.total_tokens > 0
    assert metrics.details["model"][0].id == "scripted"


async def test_a_session_that_is_deleted_is_gone(bench: Bench, sql: Any) -> None:
    durable = await ran_twice(bench, sql)
    await call(durable, "delete_session", session_id="s")

    assert await call(durable, "get_session", session_id="s") is None


async def test_a_cached_session_hides_nothing_that_others_wrote(bench: Bench, open_database: OpenDatabase) -> None:
    """agno keeps it in the object, which in a worker outlives the call that it was read for."""
    workflow = counting(open_database("SqliteDb"), cache_session=True)
    workflow.telemetry = False
    await workflow.arun("moths", session_id="s")
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        await durable.arun("bees", session_id="s")
        await asyncio.to_thread(durable.update_session_state, {"runs": 10}, "s")
        run = await durable.arun("ants", session_id="s")

    assert run.content == "run 11 of ants"
    last = durable.get_last_run_output("s")
    assert last
    assert last.content == "run 11 of ants"


@pytest.mark.parametrize("store_media", [True, False])
async def test_media_are_stored_where_the_workflow_says_so(
    bench: Bench, open_database: OpenDatabase, store_media: bool
) -> None:
    from agno.media import Image

    workflow = counting(open_database("SqliteDb"), store_media=store_media)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("bees", session_id="s", images=[Image(content=b"png", id="i", mime_type="image/png")])
    stored = durable.get_last_run_output("s")

    assert run.images
    assert stored
    assert bool(stored.images) is store_media


async def test_a_function_reads_the_history_from_any_database(bench: Bench, sql: Any) -> None:
    def reads(step_input: StepInput) -> str:
        return f"sync {len(step_input.get_workflow_history())}"

    async def reads_too(step_input: StepInput) -> str:
        return f"async {len(step_input.get_workflow_history())}"

    workflow = Workflow(
        name="reads", db=sql, steps=[Step(name="a", executor=reads), Step(name="b", executor=reads_too)]
    )
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        runs = [await durable.arun("bees", session_id="s") for _ in range(2)]

    assert [step.content for run in runs for step in run.step_results] == ["sync 0", "async 0", "sync 1", "async 1"]


async def test_an_asynchronous_function_that_reads_it_holds_up_the_worker_for_a_moment_once(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_history, "STANDS_STILL", 0.05)
    asked: list[str] = []

    class AnswersOnceTheLoopGoesOn(SqliteDb):
        def get_session(self, *args: Any, **arguments: Any) -> Any:
            went_on = threading.Event()
            loop.call_soon_threadsafe(went_on.set)
            assert went_on.wait(30)
            return super().get_session(*args, **arguments)

    async def reads(step_input: StepInput) -> str:
        asked.append(str(step_input.input))
        return f"{len(step_input.get_workflow_history())} earlier"

    loop = asyncio.get_running_loop()
    db = AnswersOnceTheLoopGoesOn(db_file=str(tmp_path / "slow.db"))
    workflow = Workflow(name="reads", db=db, steps=[Step(name="reads", executor=reads, max_retries=0)])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        runs = [await durable.arun(bees, session_id="s") for bees in ("a", "b")]

    assert [run.content for run in runs] == ["0 earlier", "1 earlier"]
    assert asked == ["a", "a", "b"]

"""A run in the background: the caller has its id at once, and follows it from anywhere.

agno runs it as a task of the caller's process, so that it dies with it. Here nothing ever runs in the caller's process;
"background" only says that the caller does not wait.
"""

from __future__ import annotations

import asyncio

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput

from agno_temporal import DurableWorkflow
from agno_temporal.client import RunNotFound
from tests.running.scenes import scene
from tests.support import Bench, eventually


async def status(durable: DurableWorkflow, run_id: str, *wanted: RunStatus) -> WorkflowRunOutput:
    """The run, once it is in one of these states."""

    async def probe() -> WorkflowRunOutput | None:
        run = await durable.aget_run_output(run_id)
        return run if run.status in wanted else None

    run = await eventually(f"run {run_id} to be {wanted}", probe)
    assert run is not None
    return run


async def test_it_returns_before_any_worker_is_there(bench: Bench) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    run = await durable.arun("x", background=True)
    assert run.status == RunStatus.pending
    assert at.ran == []
    async with bench.worker(at.workflow):
        ended = await status(durable, run.run_id, RunStatus.completed)
    assert ended.session_id == run.session_id
    assert at.ran == ["before", "gate", "after"]


async def test_run_takes_it_too(bench: Bench) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        run = await asyncio.to_thread(durable.run, "x", background=True)
        assert run.status == RunStatus.pending
        await status(durable, run.run_id, RunStatus.completed)


async def test_its_id_may_be_the_callers(bench: Bench) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        run = await durable.arun("x", run_id=f"{bench.task_queue}-mine", background=True)
        assert run.run_id == f"{bench.task_queue}-mine"
        await status(durable, run.run_id, RunStatus.completed)


async def test_it_pauses_and_is_continued_in_the_background(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        run = await durable.arun("x", background=True)
        paused = await status(durable, run.run_id, RunStatus.paused)
        paused.step_requirements[0].confirm()
        going_on = await durable.acontinue_run(paused, background=True)
        assert going_on.status in (RunStatus.running, RunStatus.completed)
        assert going_on.step_requirements[0].confirmed
        await status(durable, run.run_id, RunStatus.completed)


async def test_continuing_it_without_a_decision_waits_for_it(bench: Bench) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        run = await durable.arun("x", background=True)
        ended = await durable.acontinue_run(run_id=run.run_id)
    assert ended.status == RunStatus.completed


async def test_waiting_for_it_ends_where_it_waits_itself_however_long_it_has(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        run = await durable.arun("x", background=True)
        waits = await durable.acontinue_run(run_id=run.run_id)
        waits_still = await durable.acontinue_run(run_id=run.run_id)
        told = [event async for event in await durable.acontinue_run(run_id=run.run_id, stream=True)]
    assert (waits.status, waits_still.status, told) == (RunStatus.paused, RunStatus.paused, [])
    assert at.ran == ["before"]


async def test_get_run_follows_it_as_in_agno(bench: Bench) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        run = await durable.arun("x", background=True, session_id="s")
        await status(durable, run.run_id, RunStatus.completed)
        found = await durable.aget_run(run.run_id, session_id="s")
        assert found is not None
        assert found.status == RunStatus.completed
        assert await durable.aget_run("no-such-run") is None


async def test_a_run_is_not_found_in_another_session_or_for_another_user(bench: Bench) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    async with bench.worker(at.workflow):
        run = await durable.arun("x", session_id="s", user_id="ana")
        assert await durable.aget_run_output(run.run_id, session_id="s", user_id="ana")
        with pytest.raises(RunNotFound, match="in session 'other'"):
            await durable.aget_run_output(run.run_id, session_id="other")
        with pytest.raises(RunNotFound, match="of user 'ben'"):
            await durable.aget_run_output(run.run_id, user_id="ben")
        with pytest.raises(RunNotFound, match="in session 'other'"):
            await durable.acontinue_run(run_id=run.run_id, session_id="other")

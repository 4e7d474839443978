"""From where a durable workflow can be called: any thread, with or without an event loop, but never a worker's own.

A synchronous call blocks its thread until the run rests. On the loop that runs the worker it would wait for itself for
ever, so that it is refused there, with the name of the method to await.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from agno.run.base import RunStatus
from temporalio.client import Client

from agno_temporal import DurableWorkflow
from agno_temporal.connect import loops
from tests.running.scenes import scene
from tests.support import PATIENCE, Bench


@pytest.fixture
def elsewhere(server: str):
    """Runs a worker for workflows on a thread and a loop of its own."""
    from agno_temporal.connect.loops import LoopThread

    thread, stops = LoopThread("test-worker"), []

    def start(task_queue: str, *workflows: Any) -> None:
        async def run(started: threading.Event, stop: asyncio.Event) -> None:
            bench = Bench(await Client.connect(server), task_queue)
            async with bench.worker(*workflows):
                started.set()
                await stop.wait()

        started, stop = threading.Event(), asyncio.Event()
        stops.append((asyncio.run_coroutine_threadsafe(run(started, stop), thread.loop), stop))
        assert started.wait(20)

    yield start
    for future, stop in stops:
        thread.loop.call_soon_threadsafe(stop.set)
        future.result(20)
    thread.stop()


async def test_a_coroutine_can_await_it_on_the_worker_s_own_loop(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        while run.is_paused:
            for requirement in run.steps_requiring_confirmation:
                requirement.confirm()
            run = await durable.acontinue_run(run)

    assert (run.status, at.ran) == (RunStatus.completed, ["before", "gate", "after"])


async def test_a_synchronous_call_from_a_coroutine_works_when_the_worker_is_elsewhere(
    bench: Bench, elsewhere: Any
) -> None:
    at = scene(requires_confirmation=True)
    elsewhere(bench.task_queue, at.workflow)
    durable = bench.durable(at.workflow)

    run = durable.run("x")
    run.steps_requiring_confirmation[0].confirm()
    assert durable.continue_run(run).status == RunStatus.completed


@pytest.mark.parametrize(
    ("method", "instead"),
    [
        ("run", "arun"),
        ("continue_run", "acontinue_run"),
        ("cancel_run", "acancel_run"),
        ("get_run_output", "aget_run_output"),
    ],
)
async def test_a_synchronous_call_that_would_block_the_worker_names_what_to_await(
    bench: Bench, method: str, instead: str
) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        with pytest.raises(RuntimeError, match=rf"Await {instead}\(\) instead"):
            getattr(durable, method)(run if method == "continue_run" else run.run_id)


async def test_after_the_worker_has_stopped_its_loop_may_be_blocked_again(bench: Bench, elsewhere: Any) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run = await bench.durable(at.workflow).arun("x")
    elsewhere(bench.task_queue, at.workflow)

    assert bench.durable(at.workflow).get_run_output(run.run_id).is_paused


async def test_a_thread_beside_the_worker_s_loop_may_block(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run = await asyncio.to_thread(bench.durable(at.workflow).run, "x")

    assert run.is_paused


def test_two_threads_run_at_the_same_time(server: str, elsewhere: Any) -> None:
    """Each waits for the other's step: one after another, they would wait for ever."""
    both = threading.Barrier(2)
    at = scene()
    work = at.workflow.steps[0].executor

    def meets(step_input: Any) -> str:
        both.wait(20)
        return work(step_input)

    at.workflow.steps[0].executor = at.workflow.steps[0].active_executor = meets
    elsewhere("two-threads", at.workflow)
    client = asyncio.run(connected(server))
    durable = DurableWorkflow(at.workflow, client=client, task_queue="two-threads")
    runs: list[Any] = []
    threads = [threading.Thread(target=lambda: runs.append(durable.run("x"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert [run.status for run in runs] == [RunStatus.completed, RunStatus.completed]
    assert runs[0].run_id != runs[1].run_id


async def connected(server: str) -> Client:
    return await Client.connect(server)


async def test_a_caller_that_gives_up_does_not_stop_the_run(bench: Bench) -> None:
    released = threading.Event()
    at = scene()
    work = at.workflow.steps[0].executor

    def waits(step_input: Any) -> str:
        released.wait(20)
        return work(step_input)

    at.workflow.steps[0].executor = at.workflow.steps[0].active_executor = waits
    async with bench.worker(at.workflow):
        call = asyncio.ensure_future(bench.durable(at.workflow).arun("x", run_id=f"{bench.task_queue}-run"))
        await asyncio.wait([call], timeout=0.3)
        call.cancel()
        await asyncio.wait([call])
        released.set()
        run = await bench.ended(f"{bench.task_queue}-run")

    assert call.cancelled()
    assert run.status == "COMPLETED"


async def test_a_stream_that_the_garbage_collector_leaves_holds_up_nobody(bench: Bench) -> None:
    at = scene()
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)

        def leave() -> None:
            events = durable.run("x", stream=True)
            next(events)
            left: list[Any] = [events]
            left.append(left)

        async def collect() -> None:
            gc.collect()

        with _without_collections():
            await asyncio.to_thread(leave)
            assert loops._shared is not None
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(collect(), loops._shared.loop))
        run = await asyncio.wait_for(asyncio.to_thread(durable.run, "y"), PATIENCE)
    assert run.status == RunStatus.completed


@contextmanager
def _without_collections() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

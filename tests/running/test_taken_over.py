"""A quick step that takes too long is taken over by its regular activity: the attempt at that task, and no other."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.activities import quick
from agno_temporal.contract import names
from agno_temporal.workflows import calls
from tests.support import Bench, eventually

QUICK = StepOptions(quick=True, retry_initial_interval=0.05)

TOO_LONG = 6.0
"""Seconds that a workflow task may not take (Temporal's development server and the SDK's sticky queue: 5)."""


@pytest.fixture(autouse=True)
def short_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "BOUND", 0.3)


def once(name: str, work: Callable[[StepInput], Any]) -> Step:
    """A step whose first failure is its last."""
    return Step(name=name, executor=work, max_retries=0, human_review=HumanReview(on_error="fail"))


class Slow:
    """A step that never ends the first time."""

    def __init__(self) -> None:
        self.tries = 0

    async def __call__(self, given: StepInput) -> str:
        self.tries += 1
        await asyncio.sleep(60 if self.tries == 1 else 0)
        return "done"


async def _pending(bench: Bench, run_id: str, state: int) -> bool:
    description = await bench.client.get_workflow_handle(run_id).describe()
    return any(one.state >= state for one in description.raw_description.pending_activities)


async def test_a_worker_that_is_stopped_meanwhile_uses_up_none_of_the_steps_retries(bench: Bench) -> None:
    slow = Slow()
    workflow = Workflow(name="deploy", steps=[once("slow", slow)])

    def worker() -> Worker:
        plugin = AgnoPlugin([workflow], options=QUICK)
        grace = timedelta(seconds=0.2)
        return Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin], graceful_shutdown_timeout=grace)

    async with worker():
        run_id = await bench.start(workflow)
        await eventually("the regular activity", lambda: _pending(bench, run_id, state=2))
        await asyncio.sleep(0.3)  # For it to have taken the attempt over.
    async with worker():
        assert (await bench.ended(run_id)).status == "COMPLETED"
    assert slow.tries == 2


async def test_what_a_worker_of_another_event_loop_left_is_done_anew(bench: Bench) -> None:
    """A plugin may go to one worker after the other; an attempt ends with its loop."""
    began, stop = threading.Event(), threading.Event()

    async def busy(given: StepInput) -> str:
        began.set()
        await asyncio.sleep(0 if stop.is_set() else 60)
        return "done"

    slow = Slow()
    occupied = Workflow(name="occupied", steps=[once("busy", busy)])
    workflow = Workflow(name="deploy", steps=[once("slow", slow)])
    plugin = AgnoPlugin([workflow, occupied], step_options={"deploy": {"slow": QUICK}})
    address = bench.client.service_client.config.target_host

    async def first() -> None:
        async with Worker(
            await Client.connect(address),
            task_queue=bench.task_queue,
            plugins=[plugin],
            max_concurrent_activities=1,
            graceful_shutdown_timeout=timedelta(seconds=0.1),
        ):
            await asyncio.to_thread(stop.wait)

    before = threading.Thread(target=lambda: asyncio.run(first()))
    before.start()
    await bench.start(occupied)
    await asyncio.to_thread(began.wait)
    run_id = await bench.start(workflow)
    await eventually("the regular activity to wait for a slot", lambda: _pending(bench, run_id, state=1))
    stop.set()
    await asyncio.to_thread(before.join)
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
        assert (await bench.ended(run_id)).status == "COMPLETED"
    assert slow.tries == 2


async def test_an_attempt_of_a_lost_workflow_task_is_not_taken_over_where_the_steps_before_it_gave_something_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts: list[int] = []
    read: list[Any] = []

    def draft(given: StepInput) -> str:
        drafts.append(1)
        return f"draft {len(drafts)}"

    async def reads(given: StepInput) -> str:
        read.append(given.previous_step_content)
        if len(read) == 1:
            await asyncio.sleep(1)  # Left for the regular activity.
        elif read.count(given.previous_step_content) == 1:
            raise ValueError("not today")  # So that the regular activity is asked again.
        return f"read {given.previous_step_content}"

    regular, lost = calls.regular, list[str]()

    async def stands_still(state: Any, name: str, argument: object, activity_id: str, **options: Any) -> dict[str, Any]:
        if name == names.RUN_STEP and not lost:
            lost.append(activity_id)
            time.sleep(TOO_LONG)  # noqa: ASYNC251 - the worker stands still in the middle of its workflow task
        return await regular(state, name, argument, activity_id, **options)

    monkeypatch.setattr(calls, "regular", stands_still)
    workflow = Workflow(name="lost", steps=[Step(name="draft", executor=draft), Step(name="read", executor=reads)])
    async with bench.worker(workflow, steps=QUICK):
        await bench.ended(run_id := await bench.start(workflow))
        output = await bench.runs.run_output(run_id)
    drafted, was_read = (step.content for step in output.step_results or ())
    assert lost
    assert len(drafts) > 1
    assert was_read == f"read {drafted}"

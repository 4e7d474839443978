"""A reader who is not answered by a worker is shown what was recorded, and not what a worker would do next.

Else a step that is never begun, because the run is cancelled first, would have been seen to begin.
"""

from __future__ import annotations

import asyncio
from typing import Any

from agno.workflow import Step, Workflow
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.contract.events import EventsAsked
from agno_temporal.follow.replayed import manifest_of, page_of
from tests.running.tools import event_counts
from tests.support import Bench, eventually


async def test_a_result_that_no_worker_has_looked_at_moves_nothing(bench: Bench) -> None:
    released = asyncio.Event()

    async def work(step_input: Any) -> str:
        await released.wait()
        return "worked"

    workflow = Workflow(name="two", steps=[Step(name="a", executor=work), Step(name="b", executor=work)])
    elsewhere = f"{bench.task_queue}-elsewhere"
    plugin = AgnoPlugin([workflow], step_options={"two": {"a": StepOptions(task_queue=elsewhere)}})
    async with Worker(bench.client, task_queue=elsewhere, plugins=[plugin]):
        async with Worker(bench.client, task_queue=bench.task_queue, plugins=[plugin]):
            run_id = await bench.start(workflow)
            await eventually("the step", lambda: _began(bench, run_id))
        released.set()
        await eventually("its result", lambda: _ended(bench, run_id))
        page = await page_of(bench.client, run_id, EventsAsked())
        manifest = await manifest_of(bench.client, run_id)

    assert [event.kind for event in page.events] == ["WorkflowStarted", "StepStarted"]
    assert manifest is not None
    assert manifest.status == "RUNNING"


async def test_a_run_that_no_worker_has_begun_shows_nothing(bench: Bench) -> None:
    workflow = Workflow(name="one", steps=[Step(name="a", executor=lambda _: "a")])
    run_id = await bench.start(workflow)
    assert (await page_of(bench.client, run_id, EventsAsked())).events == ()
    assert await manifest_of(bench.client, run_id) is None


async def _began(bench: Bench, run_id: str) -> bool:
    return (await event_counts(bench.client, run_id))["ACTIVITY_TASK_SCHEDULED"] == 1


async def _ended(bench: Bench, run_id: str) -> bool:
    return (await event_counts(bench.client, run_id))["ACTIVITY_TASK_COMPLETED"] == 1

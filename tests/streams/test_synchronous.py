"""Streams for synchronous callers: ordinary iterators, that end where the run ends or waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.workflow import HumanReview

from agno_temporal import RunError, embedded
from tests.differential.blocks import agent, fails, flow, says
from tests.differential.test_streams_pauses import confirm, gate
from tests.support import Bench


def test_a_script_streams_a_run_over_a_pause() -> None:
    with embedded() as runtime:
        durable = runtime.durable(flow(says("gate", human_review=gate()), agent("Ann")))
        first = [event.event for event in durable.run("go", stream=True, stream_events=True, run_id="r")]
        run = durable.get_run_output("r")
        confirm(run.step_requirements[-1])
        second = [event.event for event in durable.continue_run(run, stream=True)]
    assert first == ["WorkflowStarted", "StepPaused"]
    assert second == [
        *("StepContinued", "StepOutput", "RunContent", "RunContent", "RunContent", "WorkflowCompleted"),
    ]


async def test_a_failed_run_raises_at_the_end_of_its_stream(bench: Bench) -> None:
    workflow = flow(fails("f", human_review=HumanReview(on_error="fail")))
    durable = bench.durable(workflow)
    names: list[str] = []

    def consume() -> None:
        for event in durable.run("go", stream=True):
            names.append(event.event)

    async with bench.worker(workflow):
        with pytest.raises(RunError, match="attempt 1 of f"):
            await asyncio.to_thread(consume)
    assert names == ["WorkflowStarted", "StepError", "WorkflowError"]


async def test_leaving_the_loop_does_not_stop_the_run(bench: Bench) -> None:
    workflow = flow(says("a"), says("b"))
    durable = bench.durable(workflow)

    def first() -> Any:
        for event in durable.run("go", stream=True, run_id=bench.task_queue):
            return event

    async with bench.worker(workflow):
        assert (await asyncio.to_thread(first)).event == "WorkflowStarted"
        assert (await bench.ended(bench.task_queue)).status == "COMPLETED"


async def test_a_workflow_that_streams_by_default_streams_here_too(bench: Bench) -> None:
    workflow = flow(says("a"), stream=True, stream_events=True)
    async with bench.worker(workflow):
        names = [event.event async for event in bench.durable(workflow).arun("go")]
    assert names == ["WorkflowStarted", "StepStarted", "StepOutput", "StepCompleted", "WorkflowCompleted"]

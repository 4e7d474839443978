"""Cancelling a run: wherever it stands, it ends at once, and what it did can still be read.

Temporal closes a cancelled workflow without a result. So the run records its state before it closes, and a reader needs
no worker for it. Who closed an open question is written down: nobody's silence is taken for a rejection.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from agno.run.base import CancellationStage, RunStatus
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import WorkflowExecutionStatus

from agno_temporal.client import RunNotFound
from tests.running.tools import closed_as, confirm, deciders, replays
from tests.support import PATIENCE, Bench, eventually


class Busy:
    """A step that runs until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def in_a_thread(self, step_input: Any) -> str:
        self.begun.set()
        self.may_end.wait(20)
        return "done"

    async def on_the_loop(self, step_input: Any) -> str:
        self.begun.set()
        await asyncio.to_thread(self.may_end.wait, 20)
        return "done"

    async def begins(self) -> None:
        async def begun() -> bool:
            return self.begun.is_set()

        await eventually("the step to begin", begun)


@pytest.fixture
def busy():
    step = Busy()
    yield step
    step.may_end.set()


@pytest.mark.parametrize("kind", ["in_a_thread", "on_the_loop"])
async def test_a_run_is_cancelled_while_a_step_runs(bench: Bench, busy: Busy, kind: str) -> None:
    steps = [
        Step(name="first", executor=lambda _: "first ran"),
        Step(name="busy", executor=getattr(busy, kind)),
        Step(name="never", executor=lambda _: "never"),
    ]
    workflow = Workflow(name="long", steps=steps)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await busy.begins()
        assert await bench.runs.cancel(run_id) is True
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
        busy.may_end.set()

    assert await closed_as(bench.client, run_id) is WorkflowExecutionStatus.CANCELED
    assert (run.status, run.content) == (RunStatus.cancelled, f"Run {run_id} was cancelled")
    assert run.cancellation_stage is CancellationStage.executing
    first, cut_off = run.step_results
    assert (first.content, first.success) == ("first ran", True)
    assert (cut_off.step_name, cut_off.success, cut_off.error) == ("busy", False, "Cancelled during execution")
    await replays(bench.client, run_id)


async def test_a_run_ends_at_once_though_its_step_does_not(bench: Bench, busy: Busy) -> None:
    workflow = Workflow(name="stubborn", steps=[Step(name="busy", executor=busy.in_a_thread)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await busy.begins()
        await bench.runs.cancel(run_id)
        assert (await bench.ended(run_id)).status == "CANCELLED"
        assert not busy.may_end.is_set()
        busy.may_end.set()


async def test_whoever_waits_for_the_run_gets_it_cancelled(bench: Bench, busy: Busy) -> None:
    workflow = Workflow(name="long", steps=[Step(name="busy", executor=busy.in_a_thread)])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        call = asyncio.ensure_future(durable.arun("x", run_id=f"{bench.task_queue}-run"))
        await busy.begins()
        assert await durable.acancel_run(f"{bench.task_queue}-run") is True
        run = await asyncio.wait_for(call, PATIENCE)
        busy.may_end.set()

    assert run.status == RunStatus.cancelled


async def test_an_answered_gate_keeps_its_answer_when_the_run_is_cancelled_later(bench: Bench, busy: Busy) -> None:
    review = HumanReview(requires_confirmation=True)
    workflow = Workflow(name="later", steps=[Step(name="busy", executor=busy.in_a_thread, human_review=review)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(asked, by="ana"))
        await busy.begins()
        await bench.runs.cancel(run_id)
        run = await bench.ended(run_id)
        busy.may_end.set()

    assert deciders(run) == ["ana"]
    assert run.cancellation_stage == "EXECUTING"


async def test_a_run_that_has_ended_is_not_cancelled(bench: Bench) -> None:
    workflow = Workflow(name="short", steps=[Step(name="only", executor=lambda _: "done")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await bench.ended(run_id)
        assert await bench.runs.cancel(run_id) is False
        assert (await bench.runs.run_output(run_id)).status == RunStatus.completed


async def test_an_unknown_run_cannot_be_cancelled(bench: Bench) -> None:
    with pytest.raises(RunNotFound, match="no-such-run"):
        await bench.runs.cancel("no-such-run")

"""Cancelling a run that waits: for an answer, for the answers to several questions, or for its first worker.

An open question must say who closed it, for nobody's silence is to be taken for a rejection; and there is no result to
read the run from, since Temporal closes a cancelled workflow without one.
"""

from __future__ import annotations

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.base import CancellationStage, RunStatus
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import WorkflowExecutionStatus

from agno_temporal.contract.manifest import Asked
from tests.running.outage import MARGIN, outage
from tests.running.scenes import scene
from tests.running.tools import HOUR, Clock, closed_as, confirm, deadline_passes, deciders, replays
from tests.support import Bench


async def test_a_run_is_cancelled_while_it_waits(bench: Bench) -> None:
    at = scene(requires_confirmation=True, on_reject="skip")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        assert await bench.runs.cancel(run_id) is True
        manifest = await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert await closed_as(bench.client, run_id) is WorkflowExecutionStatus.CANCELED
    assert (run.status, run.cancellation_stage) == (RunStatus.cancelled, CancellationStage.paused)
    assert [step.content for step in run.step_results] == ["before ran"]
    assert deciders(manifest) == ["system:cancel"]
    assert run.active_step_requirements == []
    assert at.ran == ["before"]
    await replays(bench.client, run_id)


async def test_all_gates_that_were_open_say_that_the_cancel_closed_them(bench: Bench) -> None:
    def gate(name: str) -> Step:
        return Step(name=name, executor=lambda _: name, human_review=HumanReview(requires_confirmation=True))

    workflow = Workflow(name="two", steps=[Parallel(gate("left"), gate("right"), name="both")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        assert len(await bench.paused(run_id)) == 2
        await bench.runs.cancel(run_id)
        run = await bench.ended(run_id)

    assert deciders(run) == ["system:cancel", "system:cancel"]
    assert run.status == "CANCELLED"


async def test_a_run_that_no_worker_has_seen_is_cancelled_when_one_comes(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    run_id = await bench.start(at.workflow)
    assert await bench.runs.cancel(run_id) is True
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)

    assert (run.status, run.cancellation_stage) == ("CANCELLED", "PENDING")
    assert run.content == f"Run {run_id} was cancelled"
    assert await closed_as(bench.client, run_id) is WorkflowExecutionStatus.CANCELED
    assert at.ran == []
    await replays(bench.client, run_id)


async def test_a_run_that_no_worker_has_seen_is_in_the_database_as_cancelled(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    at.workflow.db = InMemoryDb()
    run_id = await bench.start(at.workflow, session_id="mine")
    await bench.runs.cancel(run_id)
    async with bench.worker(at.workflow):
        await bench.ended(run_id)
        stored = bench.durable(at.workflow).get_session("mine")

    assert stored is not None
    assert [(run.run_id, run.status, run.cancellation_stage) for run in stored.runs] == [
        (run_id, RunStatus.cancelled, CancellationStage.pending)
    ]
    assert at.ran == []
    await replays(bench.client, run_id)


async def test_a_run_that_no_worker_can_open_is_cancelled_all_the_same(bench: Bench) -> None:
    run_id = await bench.start(scene().workflow)
    async with bench.worker(Workflow(name="another", steps=[Step(name="only", executor=lambda _: "done")])):
        assert (await bench.runs.manifest(run_id)).status == "PENDING"
        await bench.runs.cancel(run_id)
        run = await bench.ended(run_id)

    assert (run.status, run.cancellation_stage) == ("CANCELLED", "PENDING")
    await replays(bench.client, run_id)


async def test_a_cancelled_run_is_read_without_a_worker(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow, "the input")
        await bench.paused(run_id)
        await bench.runs.cancel(run_id)
        await bench.ended(run_id)

    run = await bench.runs.run_output(run_id)
    assert (run.status, run.input) == (RunStatus.cancelled, "the input")
    assert [step.content for step in run.step_results] == ["before ran"]


async def test_cancelling_twice_is_cancelling_once(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await bench.runs.cancel(run_id)
        await bench.ended(run_id)
        assert await bench.runs.cancel(run_id) is False


async def test_a_cancel_is_heeded_though_the_deadline_passed_before_it(bench: Bench, clock: Clock) -> None:
    """No worker was up for either. The timer would let the step run, which nobody wants who has cancelled."""
    at = scene(requires_confirmation=True, timeout=HOUR, on_timeout="approve")

    async def late(run_id: str, asked: Asked) -> None:
        assert await bench.runs.cancel(run_id)

    run = await outage(bench, clock, at, late=late)
    assert (run.status, at.ran) == ("CANCELLED", ["before"])


@pytest.mark.parametrize("cancelled_first", [True, False])
async def test_of_an_approval_and_a_cancel_that_wait_together_no_step_runs(bench: Bench, cancelled_first: bool) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    sent = [bench.runs.signal(run_id, confirm(asked, by="ana")), bench.runs.cancel(run_id)]
    for one in reversed(sent) if cancelled_first else sent:
        await one
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)

    assert (run.status, at.ran) == ("CANCELLED", ["before"])
    assert deciders(run) == ["ana"]


async def test_a_decision_in_time_stands_though_a_cancel_came_with_the_timer(bench: Bench, clock: Clock) -> None:
    """No worker was up for any of them. It is as if one had been: the decision is kept, and no step runs."""
    at = scene(requires_confirmation=True, timeout=HOUR, on_timeout="skip")

    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    async def late(run_id: str, asked: Asked) -> None:
        assert await bench.runs.cancel(run_id)

    run = await outage(bench, clock, at, in_time, late)
    assert deciders(run) == ["ana"]
    assert (run.status, at.ran, run.refused) == ("CANCELLED", ["before"], ())


async def test_a_late_decision_that_comes_with_a_cancel_is_shown_as_refused(bench: Bench, clock: Clock) -> None:
    at = scene(requires_confirmation=True, timeout=HOUR, on_timeout="skip")

    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))
        assert await bench.runs.cancel(run_id)

    run = await outage(bench, clock, at, late=late)
    assert deciders(run) == ["system:cancel"]
    assert ["deadline" in note for note in run.refused] == [True]


async def test_a_decision_in_time_stands_though_the_timer_of_another_gate_ends_the_run(
    bench: Bench, clock: Clock
) -> None:
    def gate(name: str, on_timeout: str) -> Step:
        review = HumanReview(requires_confirmation=True, timeout=HOUR, on_timeout=on_timeout)
        return Step(name=name, executor=lambda _: name, human_review=review)

    workflow = Workflow(name="two", steps=[Parallel(gate("left", "cancel"), gate("right", "skip"), name="both")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        _, right = await bench.paused(run_id)
    await clock.forward(run_id, HOUR - MARGIN)
    await bench.runs.signal(run_id, confirm(right, by="ana"))
    await deadline_passes(bench.client, run_id)
    async with bench.worker(workflow):
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)

    assert run.status == "CANCELLED"
    assert deciders(run) == ["system:timer", "ana"]

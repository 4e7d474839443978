"""Steps that are declared quick run within the run's workflow task. That the declaration was wrong costs time alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import HumanReview, StepInput
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, Worker

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.activities import quick
from agno_temporal.agno_bridge.refusals import PlanError
from agno_temporal.hitl import Action, Decision
from agno_temporal.workflows.quick import IN_A_ROW
from tests.differential.blocks import agent, flow
from tests.storage.databases import rows_of
from tests.support import Bench, eventually

QUICK = StepOptions(quick=True, retry_initial_interval=0.01)

AROUND = 6
"""Of a run with nothing in it: five events, and the marker that has the plan."""


def step(name: str, work: Callable[[StepInput], Any] | None = None, **settings: Any) -> Step:
    return Step(name=name, executor=work or (lambda given: f"{name} after {given.previous_step_content}"), **settings)


def worker(bench: Bench, workflow: Workflow) -> Worker:
    return Worker(bench.client, task_queue=bench.task_queue, plugins=[AgnoPlugin([workflow], options=QUICK)])


async def history(bench: Bench, run_id: str) -> WorkflowHistory:
    return await bench.client.get_workflow_handle(run_id).fetch_history()


def scheduled(written: WorkflowHistory) -> list[str]:
    return [
        event.activity_task_scheduled_event_attributes.activity_id
        for event in written.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]


async def test_a_quick_step_costs_one_event_and_no_workflow_task(bench: Bench) -> None:
    workflow = flow(*(step(f"s{number}") for number in range(5)))
    async with worker(bench, workflow):
        manifest = await bench.ended(run_id := await bench.start(workflow))
        output = await bench.runs.run_output(run_id)
    written = await history(bench, run_id)
    assert (manifest.status, len(written.events)) == ("COMPLETED", AROUND + 5)
    assert output.content == "s4 after s3 after s2 after s1 after s0 after None"
    await Replayer(workflows=[], plugins=[AgnoPlugin([workflow])]).replay_workflow(written)


async def test_a_failure_counts_as_one_of_the_steps_own(bench: Bench) -> None:
    tries: list[int] = []

    def fails(_: StepInput) -> str:
        tries.append(1)
        raise ValueError("not today")

    workflow = flow(step("fails", fails, max_retries=2, human_review=HumanReview(on_error="fail")))
    async with worker(bench, workflow):
        manifest = await bench.ended(await bench.start(workflow))
    assert (manifest.status, len(tries)) == ("ERROR", 3)
    assert "not today" in (manifest.content or "")


async def test_without_retries_the_first_failure_is_the_last(bench: Bench) -> None:
    tries: list[int] = []

    def fails(_: StepInput) -> str:
        tries.append(1)
        raise ValueError("not today")

    workflow = flow(step("fails", fails, max_retries=0, human_review=HumanReview(on_error="fail")))
    async with worker(bench, workflow):
        manifest = await bench.ended(run_id := await bench.start(workflow))
    assert (manifest.status, len(tries), scheduled(await history(bench, run_id))) == ("ERROR", 1, [])


@pytest.mark.parametrize("wrong", ["slow", "large"])
async def test_one_that_is_not_quick_or_not_small_runs_once_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setattr(quick, "BOUND", 0.3 if wrong == "slow" else 30)
    ran: list[str] = []

    def work(_: StepInput) -> str:
        ran.append(wrong)
        if wrong == "slow":
            time.sleep(1)
        return wrong * 4_000 if wrong == "large" else wrong

    workflow = flow(step("work", work))
    async with worker(bench, workflow):
        manifest = await bench.ended(run_id := await bench.start(workflow))
    assert (manifest.status, ran) == ("COMPLETED", [wrong])
    assert scheduled(await history(bench, run_id)) == ["0#1"]


async def test_another_worker_reads_what_a_quick_step_returned(bench: Bench) -> None:
    """Too much for the run's memory, so that the step behind the gate reads it from the history."""
    gate = HumanReview(requires_confirmation=True)
    workflow = flow(
        step("makes", lambda _: "x" * 10_000),
        step("gate", lambda given: f"{len(given.previous_step_content or '')}", human_review=gate),
    )
    async with worker(bench, workflow):
        (asked,) = await bench.paused(run_id := await bench.start(workflow))
    async with worker(bench, workflow):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        assert (await bench.ended(run_id)).status == "COMPLETED"
        output = await bench.runs.run_output(run_id)
    assert output.content == "10000"


async def test_what_precedes_a_question_is_recorded_before_a_database_shows_it(bench: Bench, tmp_path: Path) -> None:
    gate = HumanReview(requires_confirmation=True)
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    workflow = Workflow(name="flow", steps=[step("a"), step("b", human_review=gate)], db=db)
    async with worker(bench, workflow):
        await bench.paused(run_id := await bench.start(workflow))
    markers: list[int] = [
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in (await history(bench, run_id)).events
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED
    ]
    opened, ran, shown = markers
    assert opened == ran < shown


@pytest.mark.parametrize("gate", [None, HumanReview(requires_confirmation=True)], ids=["an end", "a question"])
async def test_nothing_is_announced_before_a_database_has_it(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: HumanReview | None
) -> None:
    """Though the run knows it from the workflow task on that is recorded first."""
    monkeypatch.setattr("agno_temporal.workflows.quick.NEXT_TASK", 1.0)
    db = SqliteDb(db_file=str(tmp_path / "agno.db"))
    workflow = Workflow(name="flow", steps=[step("a"), step("b", human_review=gate)], db=db)
    async with worker(bench, workflow):
        manifest = await bench.runs.wait(await bench.start(workflow))
        (row,) = await rows_of(db, "runs")
    assert manifest.status == row["status"] == ("COMPLETED" if gate is None else "PAUSED")


async def test_of_many_in_a_row_one_ends_the_workflow_task(bench: Bench) -> None:
    loop = Loop(name="loop", steps=[Parallel(step("a"), step("b"), name="both")], max_iterations=30)
    workflow = flow(loop)
    async with worker(bench, workflow):
        manifest = await bench.ended(run_id := await bench.start(workflow))
    assert manifest.status == "COMPLETED"
    written = await history(bench, run_id)
    assert len(scheduled(written)) == 2 * (30 // (IN_A_ROW // 2 + 1))
    await Replayer(workflows=[], plugins=[AgnoPlugin([workflow])]).replay_workflow(written)


async def test_more_branches_than_share_a_task_run_beside_each_other(bench: Bench) -> None:
    workflow = flow(Parallel(*(step(f"b{number}") for number in range(IN_A_ROW + 4)), name="wide"))
    async with worker(bench, workflow):
        manifest = await bench.ended(run_id := await bench.start(workflow))
    written = await history(bench, run_id)
    assert (manifest.status, len(scheduled(written))) == ("COMPLETED", 4)
    await Replayer(workflows=[], plugins=[AgnoPlugin([workflow])]).replay_workflow(written)


async def test_a_run_is_cancelled_while_a_quick_step_takes_its_time(bench: Bench) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def long(_: StepInput) -> str:
        begun.set()
        may_end.wait(60)
        return "done"

    async def has_begun() -> bool:
        return begun.is_set()

    workflow = flow(step("long", long))
    async with worker(bench, workflow):
        run_id = await bench.start(workflow)
        await eventually("the step to begin", has_begun)
        await bench.runs.cancel(run_id)
        assert (await bench.ended(run_id)).status == "CANCELLED"
        may_end.set()
    await Replayer(workflows=[], plugins=[AgnoPlugin([workflow])]).replay_workflow(await history(bench, run_id))


def test_only_a_function_can_be_declared_quick() -> None:
    with pytest.raises(
        PlanError, match=r"options.quick=True is for a step that is a function, and this one is an agent"
    ):
        AgnoPlugin([flow(agent("Ann"))], options=QUICK)


def test_a_quick_step_has_no_queue_of_its_own() -> None:
    with pytest.raises(PlanError, match="Leave one of them out"):
        AgnoPlugin([flow(step("a"))], options=StepOptions(quick=True, task_queue="gpu"))

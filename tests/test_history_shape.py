"""What a run writes to its history: each event is a row in somebody's database, and the shape is a contract.

A run is to cost what a Temporal workflow costs that was written by hand: for each step an activity (three events) and
the workflow task behind it (three more), and five around it all. What is more than that is counted here, to the event.
The order of it is what a replay compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps, Workflow
from agno.workflow.types import HumanReview, StepOutput
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from agno_temporal.hitl import Action, Decision
from tests.support import Bench

PER_STEP = 6
"""Scheduled, started, completed; and the workflow task that sees it."""

AROUND = 5
"""Of a workflow written by hand: started, one workflow task, completed."""

OPENING = 1
"""The marker that has the plan."""

PROJECTION = 1
"""The marker of a write to agno's database that was done at once. The first is in the opening."""


def step(name: str, **settings: Any) -> Step:
    return Step(name=name, executor=lambda step_input: name, **settings)


def steps(count: int) -> list[Step]:
    return [step(f"s{index}") for index in range(count)]


def database(directory: Path) -> SqliteDb:
    return SqliteDb(db_file=str(directory / "agno.db"))


async def history_of(bench: Bench, workflow: Workflow, *, decide: str | None = None) -> WorkflowHistory:
    """The history of a whole run. `decide` answers its one question: "update" or "signal"."""
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        if decide:
            (asked,) = await bench.paused(run_id)
            send = bench.runs.decide if decide == "update" else bench.runs.signal
            await send(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)
    return await bench.client.get_workflow_handle(run_id).fetch_history()


async def events(bench: Bench, *nodes: Any, decide: str | None = None, **settings: Any) -> int:
    workflow = Workflow(name="counted", steps=list(nodes), **settings)
    return len((await history_of(bench, workflow, decide=decide)).events)


def types(history: WorkflowHistory) -> list[str]:
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]


def scheduled(history: WorkflowHistory) -> list[Any]:
    return [event for event in history.events if event.HasField("activity_task_scheduled_event_attributes")]


@pytest.mark.parametrize("count", [1, 2, 5])
async def test_a_run_costs_one_event_more_than_one_written_by_hand(bench: Bench, count: int) -> None:
    assert await events(bench, *steps(count)) == AROUND + OPENING + count * PER_STEP


async def test_a_database_costs_a_run_one_event_more(bench: Bench, tmp_path: Path) -> None:
    assert await events(bench, *steps(2), db=database(tmp_path)) == AROUND + OPENING + 2 * PER_STEP + PROJECTION


@pytest.mark.parametrize(
    ("timeout", "decide", "cost"),
    [(None, "signal", 4), (None, "update", 5), (3600, "signal", 6), (3600, "update", 7)],
)
async def test_a_pause_costs_its_decision_its_timer_and_one_task(
    bench: Bench, timeout: int | None, decide: str, cost: int
) -> None:
    """A signal is one event and an update two; a timer is two; a workflow task three."""
    gate = step("gate", human_review=HumanReview(requires_confirmation=True, timeout=timeout))
    assert await events(bench, gate, decide=decide) == AROUND + OPENING + PER_STEP + cost


async def test_a_database_costs_a_pause_one_event_more(bench: Bench, tmp_path: Path) -> None:
    gate = step("gate", human_review=HumanReview(requires_confirmation=True, timeout=3600))
    counted = await events(bench, gate, decide="update", db=database(tmp_path))
    assert counted == AROUND + OPENING + PER_STEP + PROJECTION + 7 + PROJECTION


@pytest.mark.parametrize(
    ("node", "ran", "cost"),
    [
        pytest.param(Steps(name="n", steps=steps(2)), 2, 0, id="steps"),
        pytest.param(Condition(name="n", evaluator=True, steps=steps(1)), 1, 0, id="condition-literal"),
        pytest.param(Condition(name="n", evaluator='input == "x"', steps=steps(1)), 1, 1, id="condition-cel"),
        pytest.param(Condition(name="n", evaluator=lambda _: True, steps=steps(1)), 1, 6, id="condition-function"),
        pytest.param(Router(name="n", selector='"s1"', choices=steps(2)), 1, 1, id="router-cel"),
        pytest.param(Router(name="n", selector=lambda _: "s1", choices=steps(2)), 1, 6, id="router-function"),
        pytest.param(Loop(name="n", steps=steps(2), max_iterations=2), 4, 0, id="loop"),
        pytest.param(
            Loop(name="n", steps=steps(2), max_iterations=2, end_condition="current_iteration == 2"),
            4,
            2,
            id="loop-cel",
        ),
        pytest.param(
            Loop(name="n", steps=steps(2), max_iterations=2, end_condition=lambda _: False), 4, 0, id="loop-function"
        ),
        pytest.param(Step(name="n", workflow=Workflow(name="inner", steps=steps(2))), 2, 0, id="nested"),
    ],
)
async def test_a_container_costs_what_its_callables_cost(bench: Bench, node: Any, ran: int, cost: int) -> None:
    """A CEL expression is one marker, a function one activity; an end condition behind a leaf costs nothing."""
    assert await events(bench, node) == AROUND + OPENING + ran * PER_STEP + cost


async def test_an_end_condition_behind_a_container_costs_an_activity_each_time(bench: Bench) -> None:
    loop = Loop(name="n", steps=[Steps(name="in", steps=steps(1))], max_iterations=2, end_condition=lambda _: False)
    assert await events(bench, loop) == AROUND + OPENING + 2 * PER_STEP + 2 * 6


async def test_a_review_predicate_costs_an_activity(bench: Bench) -> None:
    def never(output: StepOutput) -> bool:
        return False

    reviewed = step("s", human_review=HumanReview(requires_output_review=never))
    assert await events(bench, reviewed) == AROUND + OPENING + PER_STEP + 6


async def test_branches_share_their_workflow_tasks(bench: Bench) -> None:
    assert await events(bench, Parallel(*steps(5), name="n")) <= AROUND + OPENING + 5 * PER_STEP


async def test_an_activity_is_named_by_its_place_and_shown_by_its_name(bench: Bench) -> None:
    nodes = [step("first"), Loop(name="rounds", steps=[step("again")], max_iterations=2)]
    history = await history_of(bench, Workflow(name="named", steps=nodes))
    assert [event.activity_task_scheduled_event_attributes.activity_id for event in scheduled(history)] == [
        *("0#1", "1/loop/0#1", "1/loop/0#2"),
    ]
    assert [event.user_metadata.summary.data for event in scheduled(history)] == [b'"first"', b'"again"', b'"again"']


async def test_an_evaluation_is_named_by_its_node_and_what_it_asks(bench: Bench) -> None:
    condition = Condition(name="ready", evaluator=lambda _: True, steps=steps(1))
    (asked, _) = scheduled(await history_of(bench, Workflow(name="named", steps=[condition])))
    assert asked.activity_task_scheduled_event_attributes.activity_id == "0:evaluator#1"
    assert asked.user_metadata.summary.data == b'"ready: evaluator"'


async def test_a_pause_starts_its_timer_and_nothing_else(bench: Bench) -> None:
    gate = step("gate", human_review=HumanReview(requires_confirmation=True, timeout=3600))
    written = types(await history_of(bench, Workflow(name="named", steps=[gate]), decide="update"))
    assert written[3:9] == [
        *("WORKFLOW_TASK_COMPLETED", "MARKER_RECORDED", "TIMER_STARTED"),
        *("WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"),
    ]

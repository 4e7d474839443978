"""What a run asks is a row of agno's approvals table, from before it is announced until it is decided."""

from __future__ import annotations

import math
from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput, StepOutput

from agno_temporal.hitl import Action, Decision
from tests.running.scenes import FORM, scene
from tests.running.tools import confirm, edit, event_counts, fill_in, reject, replays
from tests.storage.conftest import OpenDatabase
from tests.storage.databases import rows_of
from tests.support import Bench, eventually


@pytest.fixture
def db(open_database: OpenDatabase) -> Any:
    return open_database("SqliteDb")


async def one_row(db: Any) -> dict[str, Any]:
    [row] = await rows_of(db, "approvals")
    return row


async def test_an_open_requirement_is_a_pending_row(bench: Bench, sql: Any) -> None:
    at = scene(requires_confirmation=True, confirmation_message="Deploy?", timeout=3600)
    at.workflow.db = sql
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow, session_id="s", user_id="ana")
        [asked] = await bench.paused(run_id)
        row = await one_row(sql)

    one = asked.requirement
    assert one.deadline
    expected = {
        "id": one.id,
        "run_id": run_id,
        "session_id": "s",
        "status": "pending",
        "source_type": "workflow",
        "approval_type": None,
        "pause_type": "confirmation",
        "workflow_id": "scene",
        "user_id": "ana",
        "source_name": "gate",
        "expires_at": math.ceil(one.deadline),
        "run_status": "PAUSED",
        "created_at": int(one.opened_at),
        "resolved_by": None,
        "resolved_at": None,
        "resolution_data": None,
    }
    assert {name: row[name] for name in expected} == expected
    [question] = row["requirements"]
    assert (question["step_id"], question["confirmation_message"]) == (one.id, "Deploy?")
    assert (row["context"]["path"], row["context"]["workflow_name"]) == ("1", "scene")


async def test_a_row_without_a_deadline_has_the_last_date_there_is(bench: Bench, db: Any) -> None:
    at = scene(requires_confirmation=True)
    at.workflow.db = db
    async with bench.worker(at.workflow):
        await bench.paused(await bench.start(at.workflow))

    assert (await one_row(db))["expires_at"] == 253_402_300_799


@pytest.mark.parametrize(
    ("review", "decide", "status", "content"),
    [
        ({"requires_confirmation": True}, confirm, "approved", {"action": "confirm"}),
        (
            {"requires_confirmation": True},
            lambda asked, by: reject(asked, by, "not on a Friday"),
            "rejected",
            {"action": "reject", "feedback": "not on a Friday"},
        ),
        (
            {"requires_user_input": True, "user_input_schema": FORM},
            lambda asked, by: fill_in(asked, by, region="us"),
            "approved",
            {"action": "input", "values": {"region": "us"}},
        ),
        (
            {"requires_output_review": True},
            lambda asked, by: edit(asked, "better", by),
            "approved",
            {"action": "edit", "edited_output": "better"},
        ),
    ],
    ids=["confirmed", "rejected", "filled in", "edited"],
)
async def test_a_decided_row_says_what_was_decided_by_whom_and_when(
    bench: Bench, sql: Any, review: dict[str, Any], decide: Any, status: str, content: dict[str, Any]
) -> None:
    at = scene(**review)
    at.workflow.db = sql
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        resolution = await bench.runs.decide(run_id, decide(asked, by="ben"))
        await bench.ended(run_id)
        row = await one_row(sql)

    assert (row["status"], row["resolved_by"], row["resolved_at"]) == (status, "ben", int(resolution.at))
    assert row["resolution_data"] == content
    assert row["run_status"] == "COMPLETED"


@pytest.mark.parametrize(("policy", "status"), [("approve", "approved"), ("skip", "expired"), ("cancel", "expired")])
async def test_what_the_timer_answered_is_shown_as_its_answer(bench: Bench, db: Any, policy: str, status: str) -> None:
    at = scene(requires_confirmation=True, timeout=0.2, on_timeout=policy)
    at.workflow.db = db
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)

        async def is_over() -> bool:
            return (await bench.runs.manifest(run_id)).status not in ("PENDING", "RUNNING", "PAUSED")

        await eventually("the timer's answer", is_over)

    row = await one_row(db)
    assert (row["status"], row["resolved_by"]) == (status, "system:timer")


async def test_the_rows_of_a_cancelled_run_are_cancelled(bench: Bench, db: Any) -> None:
    at = scene(requires_confirmation=True)
    at.workflow.db = db
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await bench.runs.cancel(run_id)
        await bench.ended(run_id)

    row = await one_row(db)
    assert (row["status"], row["resolved_by"], row["run_status"]) == ("cancelled", "system:cancel", "CANCELLED")


async def test_a_step_that_asks_again_has_a_row_for_each_time(bench: Bench, db: Any) -> None:
    at = scene(requires_confirmation=True, on_reject="retry")
    at.workflow.db = db
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked, by="ana"))
        [again] = await bench.paused(run_id)
        rows = await rows_of(db, "approvals")

    assert {row["id"]: row["status"] for row in rows} == {
        asked.requirement.id: "rejected",
        again.requirement.id: "pending",
    }


async def test_a_decision_is_not_held_up_by_its_row(bench: Bench, db: Any) -> None:
    """It is written with the next projection: here, at the end of the run."""
    statuses: list[str] = []

    def look(_: StepInput) -> str:
        [row] = db.get_approvals()[0]
        statuses.append(row["status"])
        return "looked"

    gate = Step(name="gate", executor=look, human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="looks", db=db, steps=[gate])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(asked))
        await bench.ended(run_id)

    assert statuses == ["pending"]
    assert (await one_row(db))["status"] == "approved"
    assert (await event_counts(bench.client, run_id))["MARKER_RECORDED"] == 3  # Opened, paused, ended.
    await replays(bench.client, run_id)


async def test_a_row_holds_no_megabytes_of_what_is_under_review(bench: Bench, sql: Any) -> None:
    review = HumanReview(requires_output_review=True)
    workflow = Workflow(
        name="large",
        db=sql,
        steps=[
            Step(name="before", executor=lambda _: "x" * 1_000_000),
            Step(name="writes", executor=lambda _: StepOutput(content=["y" * 3_000] * 300), human_review=review),
        ],
    )
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        row = await one_row(sql)
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)

    assert len(str(row["requirements"])) < 10_000
    assert row["context"]["left_out"] == ["step_output"]

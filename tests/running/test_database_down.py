"""A database that is down while a run pauses, is decided on, or is cancelled.

A pause is written to agno's database before anybody is told of it. So everything can happen while that write is tried
again and again: the deadline can pass, a decision can come, somebody can give up and cancel. None of it may be lost,
and nothing may be approved by a timer that nobody could have seen.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.workflow import Step
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.workflowservice.v1 import RespondActivityTaskFailedByIdRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from agno_temporal.contract.manifest import Asked
from tests.running.scenes import Scene, scene
from tests.running.tools import confirm, deadline_passes, deciders, event_counts, replays
from tests.support import PATIENCE, Bench, eventually


class Moody(InMemoryDb):
    """A database that fails, or does not answer, while it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.answers = threading.Event()
        self.answers.set()
        self.asked = threading.Event()

    def fails(self) -> None:
        self.down = True

    def hangs(self) -> None:
        self.answers.clear()

    def recovers(self) -> None:
        self.down = False
        self.answers.set()

    def upsert_session(self, session: Any, **options: Any) -> Any:
        if not self.answers.is_set():
            self.asked.set()
        self.answers.wait(30)
        if self.down:
            raise ConnectionError("the database is down")
        return super().upsert_session(session, **options)


@pytest.fixture
def db():
    database = Moody()
    yield database
    database.answers.set()


def with_db(db: Moody, goes: Callable[[], None], **review: Any) -> Scene:
    """A scene whose database goes down before its gate opens."""
    at = scene(**review)

    def last(step_input: Any) -> str:
        goes()
        return "the last before it went down"

    at.workflow.steps.insert(0, Step(name="last", executor=last))
    at.workflow.db = db
    return at


async def not_yet_announced(bench: Bench, run_id: str) -> Asked:
    """The open requirement, while the database is down."""

    async def retried() -> bool:
        return (await event_counts(bench.client, run_id))["ACTIVITY_TASK_SCHEDULED"] > 2

    await eventually("the pause to be written by a regular activity", retried)
    [asked] = await bench.runs.requirements(run_id)
    return asked


async def deadline_is_over(asked: Asked) -> None:
    await asyncio.sleep(asked.requirement.deadline - time.time() + 0.05)


async def test_a_pause_is_told_once_it_is_written(bench: Bench, db: Moody) -> None:
    at = with_db(db, db.fails, requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await not_yet_announced(bench, run_id)
        assert not (await bench.runs.manifest(run_id)).quiet
        db.recovers()
        assert await bench.paused(run_id)

    assert len(db._sessions) == 1


async def test_what_is_not_yet_told_can_be_decided_and_the_run_goes_on_when_it_is(bench: Bench, db: Moody) -> None:
    at = with_db(db, db.fails, requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        asked = await not_yet_announced(bench, run_id)
        await bench.runs.decide(run_id, confirm(asked, by="ana"))
        db.recovers()
        run = await bench.ended(run_id)

    assert deciders(run) == ["ana"]
    assert at.ran == ["before", "gate", "after"]


async def test_an_approval_by_timer_counts_from_the_moment_the_pause_was_told(bench: Bench, db: Moody) -> None:
    at = with_db(db, db.fails, requires_confirmation=True, timeout=0.5, on_timeout="approve")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        untold = await not_yet_announced(bench, run_id)
        await deadline_is_over(untold)
        db.recovers()
        [told] = await bench.paused(run_id)
        await deadline_passes(bench.client, run_id)
        run = await bench.ended(run_id)

    assert told.requirement.deadline > untold.requirement.deadline + 0.5
    assert deciders(run) == ["system:timer"]
    await replays(bench.client, run_id)


@pytest.mark.parametrize("as_signal", [False, True])
async def test_a_decision_between_opening_and_telling_is_not_late_for_an_approval_by_timer(
    bench: Bench, db: Moody, as_signal: bool
) -> None:
    """Its time has not begun, so it cannot be over, however long the database is down."""
    at = with_db(db, db.fails, requires_confirmation=True, timeout=0.5, on_timeout="approve")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        asked = await not_yet_announced(bench, run_id)
        await deadline_is_over(asked)
        decision = confirm(asked, by="ana")
        await (bench.runs.signal if as_signal else bench.runs.decide)(run_id, decision)
        db.recovers()
        run = await bench.ended(run_id)

    assert deciders(run) == ["ana"]
    await replays(bench.client, run_id)


@pytest.mark.parametrize("held", [False, True], ids=["refuses", "does not answer"])
async def test_a_run_is_cancelled_while_its_pause_cannot_be_written(bench: Bench, db: Moody, held: bool) -> None:
    at = with_db(db, db.hangs if held else db.fails, requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        if held:
            await asyncio.to_thread(db.asked.wait, PATIENCE)
        else:
            await not_yet_announced(bench, run_id)
        await bench.runs.cancel(run_id)
        await asyncio.sleep(0.1)
        db.recovers()
        run = await bench.ended(run_id)

    description = await bench.client.get_workflow_handle(run_id).describe()
    assert description.status is WorkflowExecutionStatus.CANCELED
    assert run.status == "CANCELLED"
    assert deciders(run) == ["system:cancel"]
    assert [step.content for step in (await bench.runs.run_output(run_id)).step_results] == [
        "the last before it went down",
        "before ran",
    ]
    await replays(bench.client, run_id)


async def test_a_run_that_has_ended_stays_ended_when_it_is_cancelled_while_it_is_written(
    bench: Bench, db: Moody
) -> None:
    at = scene(requires_confirmation=True)
    at.workflow.db = db
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        db.fails()
        await bench.runs.decide(run_id, confirm(asked, by="ana"))

        async def has_ended() -> bool:
            return (await bench.runs.manifest(run_id)).status == "COMPLETED"

        await eventually("the run's end", has_ended)
        await bench.runs.cancel(run_id)
        db.recovers()
        run = await bench.ended(run_id)

    assert run.status == "COMPLETED"
    assert "gate ran 1" in (await bench.runs.run_output(run_id)).content
    await replays(bench.client, run_id)


async def test_an_operator_may_give_up_the_last_rows_and_the_run_ends(bench: Bench, db: Moody) -> None:
    """`temporal activity fail`, as where the database is lost for good."""
    at = with_db(db, db.hangs)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await eventually("the rows of the end to be given up", lambda: given_up(bench, run_id))
        run = await bench.ended(run_id)
        db.recovers()

    assert run.status == "COMPLETED"
    await replays(bench.client, run_id)


async def given_up(bench: Bench, run_id: str) -> bool:
    """Fail the activity that writes the rows, once it is under way."""
    description = await bench.client.get_workflow_handle(run_id).describe()
    pending = [one.activity_id for one in description.raw_description.pending_activities]
    for activity_id in [one for one in pending if one.startswith("project")]:
        with suppress(RPCError):  # It is between two attempts.
            await bench.client.workflow_service.respond_activity_task_failed_by_id(
                RespondActivityTaskFailedByIdRequest(
                    namespace=bench.client.namespace,
                    workflow_id=run_id,
                    activity_id=activity_id,
                    failure=Failure(
                        message="given up", application_failure_info=ApplicationFailureInfo(non_retryable=True)
                    ),
                )
            )
            return True
    return False

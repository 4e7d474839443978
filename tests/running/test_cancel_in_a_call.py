"""Cancelling a run while a local activity is under way, which happens wherever a workflow task takes long or is lost.

Temporal's SDK answers a cancelled activity with the exception of one that has failed. Whoever tidies up behind a cancel
must hear of it all the same, or a question is left open in a run that has ended, and the run closes without a word.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from agno.db.base import SessionType
from agno.db.sqlite import SqliteDb
from agno.run.base import CancellationStage, RunStatus
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import WorkflowExecutionStatus

from agno_temporal import StepOptions
from agno_temporal.contract.manifest import Manifest
from tests.running.tools import closed_as, deciders, replays
from tests.support import PATIENCE, Bench

HELD = 1.6
"""Seconds that a call is held: less than what a local activity may take, and more than a workflow task."""


class Held:
    """One call that takes its time, of a step or of a database."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.calls = 0

    def hold(self, number: int) -> None:
        """The so-manieth call is held, each other one is not."""
        self.calls += 1
        if self.calls == number:
            self.begun.set()
            threading.Event().wait(HELD)


@pytest.fixture
def held() -> Held:
    return Held()


def written_slowly(held: Held, directory: Path, number: int) -> SqliteDb:
    """A database whose so-manieth write is held. The first is that of the run's opening."""

    class Slow(SqliteDb):
        def upsert_session(self, *arguments: Any, **options: Any) -> Any:
            held.hold(number)
            return super().upsert_session(*arguments, **options)

    return Slow(db_file=str(directory / "agno.db"))


def gate() -> Step:
    return Step(name="gate", executor=lambda _: "never", human_review=HumanReview(requires_confirmation=True))


async def ended_there(bench: Bench, workflow: Workflow, held: Held, steps: StepOptions | None = None) -> Manifest:
    """The run, which was sent a cancel while it was held."""
    async with bench.worker(workflow, steps=steps):
        run_id = await bench.start_in_short_tasks(str(workflow.name))
        assert await asyncio.to_thread(held.begun.wait, PATIENCE)
        await bench.runs.cancel(run_id)
        return await bench.ended(run_id)


async def cancelled_there(bench: Bench, workflow: Workflow, held: Held, steps: StepOptions | None = None) -> Manifest:
    """The run, which was cancelled while it was held."""
    run = await ended_there(bench, workflow, held, steps)
    assert await closed_as(bench.client, run.run_id) is WorkflowExecutionStatus.CANCELED
    assert (run.status, run.content) == ("CANCELLED", f"Run {run.run_id} was cancelled")
    await replays(bench.client, run.run_id)
    return run


def status_in(database: SqliteDb, run: Manifest) -> list[RunStatus]:
    """What the database says of the runs of a session."""
    session = database.get_session(run.session_id, SessionType.WORKFLOW)
    return [one.status for one in session.runs]


async def test_a_question_says_so_that_was_being_written(bench: Bench, held: Held, tmp_path: Path) -> None:
    database = written_slowly(held, tmp_path, 2)
    run = await cancelled_there(bench, Workflow(name="asks", steps=[gate()], db=database), held)

    assert deciders(run) == ["system:cancel"]
    assert status_in(database, run) == [RunStatus.cancelled]


async def test_a_question_says_so_that_was_being_written_beside_a_step(
    bench: Bench, held: Held, tmp_path: Path
) -> None:
    may_end = threading.Event()
    busy = Step(name="busy", executor=lambda _: may_end.wait(PATIENCE))
    workflow = Workflow(name="asks", steps=[Parallel(gate(), busy, name="both")], db=written_slowly(held, tmp_path, 2))
    try:
        run = await cancelled_there(bench, workflow, held)
    finally:
        may_end.set()

    assert deciders(run) == ["system:cancel"]


async def test_a_quick_step_is_cut_off(bench: Bench, held: Held) -> None:
    steps = [Step(name="first", executor=lambda _: "done"), Step(name="held", executor=lambda _: held.hold(1))]
    run = await cancelled_there(bench, Workflow(name="quick", steps=steps), held, StepOptions(quick=True))

    assert run.cancellation_stage == CancellationStage.executing.value
    output = await bench.runs.run_output(run.run_id)
    assert [(step.step_name, step.error) for step in output.step_results] == [
        ("first", None),
        ("held", "Cancelled during execution"),
    ]


async def test_a_run_that_was_being_opened_has_done_nothing(bench: Bench, held: Held, tmp_path: Path) -> None:
    database = written_slowly(held, tmp_path, 1)
    run = await cancelled_there(bench, Workflow(name="opens", steps=[gate()], db=database), held)

    assert run.cancellation_stage == CancellationStage.pending.value
    assert run.asked == ()
    assert status_in(database, run) == [RunStatus.cancelled]


async def test_a_run_that_had_ended_stays_so_that_was_being_written(bench: Bench, held: Held, tmp_path: Path) -> None:
    workflow = Workflow(
        name="ends", steps=[Step(name="only", executor=lambda _: "done")], db=written_slowly(held, tmp_path, 2)
    )
    run = await ended_there(bench, workflow, held)

    assert (run.status, (await bench.runs.run_output(run.run_id)).content) == ("COMPLETED", "done")
    await replays(bench.client, run.run_id)

"""One recording for each way in which a run ends, or is written to a database, that is not the plain one.

Beside them stand runs that cannot be recorded any more, and are replayed all the same. ``cancelled_unsaid`` was
cancelled while its question was being written, and closed without a word, as none does since
`names.CANCELLED_IN_A_CALL`; ``cancelled_unwritten`` was cancelled before it was opened, and wrote nothing, as none does
since `names.OPENED_TO_BE_CANCELLED`; ``error_told_too_often`` told of one failure more than agno tells of, as none does
since `names.STEP_ERROR_OF_ITS_OUTPUT`.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agno.db.sqlite import SqliteDb
from agno.workflow import Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import HumanReview, StepInput

from agno_temporal.hitl import Action
from tests.replay.pauses import confirmed, leave_open, recording
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording
from tests.support import eventually
from tests.upgrades.resets import reset, tasks


def failing(step_input: StepInput) -> str:
    raise ValueError("out of honey")


async def waiting(step_input: StepInput) -> str:
    await asyncio.sleep(60)
    return "never"


def too_large(step_input: StepInput) -> str:
    return "x" * 2_500_000


def not_serialisable(step_input: StepInput) -> Any:
    return threading.Lock()


async def to_the_end(run: Drive) -> None:
    await run.ended()


async def cancel_while_running(run: Drive) -> None:
    async def under_way() -> bool:
        return (await run.bench.runs.manifest(run.run_id)).progress.get("1") is not None

    await eventually("the second step", under_way)
    await run.bench.runs.cancel(run.run_id)
    await run.ended()


async def cancel_while_paused(run: Drive) -> None:
    await run.asked()
    await run.bench.runs.cancel(run.run_id)
    await run.ended()


async def cancel_while_asking(run: Drive) -> None:
    """Its workflow task is handed back while the question is being written, and the next one brings the cancel."""
    await run.bench.start_in_short_tasks("recorded", run.run_id)
    await asyncio.sleep(0.4)
    await run.bench.runs.cancel(run.run_id)
    await run.ended()


async def cancel_before_it_opens(run: Drive) -> None:
    await run.start()
    await run.bench.runs.cancel(run.run_id)


async def bad_start(run: Drive) -> None:
    await run.bench.client.start_workflow("recorded", "not an object", id=run.run_id, task_queue=run.bench.task_queue)
    await run.ended()


async def confirm(run: Drive) -> None:
    await run.update(Action.CONFIRM, decided_by="ana")
    await run.ended()


async def put_back(run: Drive) -> None:
    """To the task that took the decision, which is sent again."""
    await run.asked()
    opened = (await tasks(run.bench.client, run.run_id))[-1]
    await run.update(Action.CONFIRM, decided_by="ana")
    await run.ended()
    took = next(task for task in await tasks(run.bench.client, run.run_id) if task > opened)
    await reset(run.bench.client, run.run_id, took)
    await run.ended()


async def put_back_and_open(run: Drive) -> None:
    await run.asked()
    opened = (await tasks(run.bench.client, run.run_id))[-1]
    await run.update(Action.CONFIRM, decided_by="ana")
    await run.ended()
    await reset(run.bench.client, run.run_id, opened, "update")
    await leave_open(run)


class SlowDb(SqliteDb):
    """Each write takes longer than a local activity waits for it."""

    def upsert_session(self, *arguments: Any, **options: Any) -> Any:
        threading.Event().wait(2.5)
        return super().upsert_session(*arguments, **options)


class RatherSlowDb(SqliteDb):
    """Each write but the first takes longer than a short workflow task."""

    writes = 0

    def upsert_session(self, *arguments: Any, **options: Any) -> Any:
        RatherSlowDb.writes += 1
        if RatherSlowDb.writes > 1:
            threading.Event().wait(1.5)
        return super().upsert_session(*arguments, **options)


def stored(act: Any, db: type[SqliteDb] = SqliteDb) -> Recording:
    """A run with a projection."""
    steps = [say("a"), confirmed("b"), say("c")]
    return Recording(written_to(db, *steps), recording(act, *steps).drive)


def written_to(db: type[SqliteDb], *steps: Step) -> Callable[[], Workflow]:
    """The database is made with the workflow, since only who records needs it."""

    def workflow() -> Workflow:
        file = Path(tempfile.mkdtemp()) / "agno.db"
        return Workflow(name="recorded", steps=[*steps], db=db(db_file=str(file)))

    return workflow


def failing_behind_a_failure() -> Workflow:
    """In a nested workflow: the run gets to its end, and shows its events."""
    box = Steps(name="box", steps=[ending("a", failing, max_retries=0)])
    rounds = Loop(name="rounds", steps=[ending("b", failing, max_retries=0)])
    inner = Step(name="inner", workflow=Workflow(name="inner", steps=[box, rounds]), max_retries=0)
    db = SqliteDb(db_file=str(Path(tempfile.mkdtemp()) / "agno.db"))
    return Workflow(name="recorded", steps=[inner, say("c")], db=db, store_events=True)


def ending(name: str, executor: Any, on_error: str = "skip", **settings: Any) -> Step:
    return Step(name=name, executor=executor, human_review=HumanReview(on_error=on_error), **settings)


RECORDINGS = {
    "error_raised": recording(to_the_end, say("a"), ending("b", failing, "fail", max_retries=1)),
    "error_skipped": recording(to_the_end, say("a"), ending("b", failing, max_retries=0), say("c")),
    "error_in_parallel": recording(to_the_end, Parallel(say("a"), ending("b", failing, max_retries=0), name="both")),
    "error_behind_a_failure": Recording(failing_behind_a_failure, recording(to_the_end).drive),
    "output_too_large": recording(to_the_end, say("a"), ending("b", too_large)),
    "output_not_serialisable": recording(to_the_end, ending("a", not_serialisable)),
    "cancelled_running": recording(cancel_while_running, say("a"), Step(name="b", executor=waiting)),
    "cancelled_paused": recording(cancel_while_paused, say("a"), confirmed("b")),
    "cancelled_in_parallel": recording(
        cancel_while_running, say("a"), Parallel(Step(name="b", executor=waiting), confirmed("c"), name="both")
    ),
    "start_not_a_request": Recording(recording(to_the_end, say("a")).workflow, bad_start),
    "stored": stored(confirm),
    "stored_open": stored(leave_open),
    "stored_slowly": stored(confirm, SlowDb),
    "cancelled_asking": Recording(written_to(RatherSlowDb, confirmed("a")), cancel_while_asking),
    "cancelled_unopened": Recording(written_to(SqliteDb, confirmed("a")), to_the_end, cancel_before_it_opens),
    "stored_put_back": stored(put_back),
    "stored_put_back_open": stored(put_back_and_open),
    "put_back": recording(put_back, say("a"), confirmed("b"), say("c")),
}

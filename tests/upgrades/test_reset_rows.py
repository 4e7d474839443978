"""The database after `temporal workflow reset`: what is asked again is in the lists at once."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from agno.db.base import SessionType
from agno.db.sqlite import SqliteDb
from agno.workflow import Condition, HumanReview, Step, Workflow

from agno_temporal.cli.rebuilding import rebuilt
from tests.chapters.scenes import all_replay, temporal_runs
from tests.running.tools import replays
from tests.storage.landings import Landings, all_rows
from tests.support import PATIENCE, Bench, eventually
from tests.upgrades.resets import Scene, reset, tasks


@pytest.fixture
def db(tmp_path: Path) -> SqliteDb:
    return SqliteDb(db_file=str(tmp_path / "runs.db"))


async def completed(scene: Scene) -> int:
    """Run it to its end. Returns the task that opened its second gate."""
    await scene.start()
    await scene.decide("update")
    await scene.bench.paused(scene.run_id)
    task = (await scene.tasks())[-1]
    await scene.decide("update")
    await scene.bench.ended(scene.run_id)
    assert rows(scene.db) == ("COMPLETED", {"g": "approved", "h": "approved"})
    return task


async def become(db: Any, status: str, questions: dict[str, str]) -> None:
    async def are() -> bool:
        return rows(db) == (status, questions)

    await eventually(f"the rows to be {status} {questions}", are)


async def test_a_question_that_is_open_again_is_in_the_list_at_once(bench: Bench, db: SqliteDb) -> None:
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow):
        await scene.reset(await completed(scene))
        await become(db, "PAUSED", {"g": "approved", "h": "pending"})
        await scene.decide("update")
        await bench.ended(scene.run_id)
    assert rows(db) == ("COMPLETED", {"g": "approved", "h": "approved"})


async def test_so_is_one_that_is_open_at_that_place_where_nothing_else_happens(bench: Bench, db: SqliteDb) -> None:
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow):
        opened = await completed(scene)
        took = next(task for task in await scene.tasks() if task > opened)
        await scene.reset(took, "update")
        await become(db, "PAUSED", {"g": "approved", "h": "pending"})


async def test_what_is_not_asked_any_more_is_in_no_list(bench: Bench, db: SqliteDb) -> None:
    """Put back to its first task, the run has asked nothing yet; then it asks anew, and each row is of that."""
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow):
        await completed(scene)
        await scene.reset((await scene.tasks())[0])
        await become(db, "PAUSED", {"g": "pending"})
        await scene.decide("update", "bob")
        await become(db, "PAUSED", {"g": "approved", "h": "pending"})
        await scene.decide("update", "bob")
        await bench.ended(scene.run_id)
    assert rows(db) == ("COMPLETED", {"g": "approved", "h": "approved"})


async def test_so_is_what_it_had_asked_before_it_asked_anew(bench: Bench, db: SqliteDb) -> None:
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow):
        await completed(scene)
        await asyncio.sleep(1.1)  # The rows have seconds.
        await scene.reset((await scene.tasks())[0])
        await become(db, "PAUSED", {"g": "pending"})


async def test_so_is_what_it_had_asked_where_nothing_is_asked_on_the_new_way(bench: Bench, db: SqliteDb) -> None:
    """Nobody has decided: nothing but the reset itself is in its first task."""
    asks = [True]
    gate = Step(name="g", executor=lambda _: "g", human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="asks", db=db, steps=[Condition(name="if", evaluator=lambda _: asks[0], steps=[gate])])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x", session_id="s")
        await bench.paused(run_id)
        assert rows(db) == ("PAUSED", {"g": "pending"})
        asks[0] = False
        await reset(bench.client, run_id, (await tasks(bench.client, run_id))[0])
        await become(db, "COMPLETED", {})
        await replays(bench.client, run_id)


async def test_the_rows_are_written_before_the_run_goes_on_in_a_new_temporal_run(bench: Bench, db: SqliteDb) -> None:
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow, continue_after=5):
        await scene.start()
        await eventually("it to go on while it asks", lambda: is_in_another(bench, scene.run_id))
        for _ in ("g", "h"):
            await scene.decide("update")
        await bench.ended(scene.run_id)
        first = (await temporal_runs(bench.client, scene.run_id))[0]
        last_task = (await tasks(bench.client, scene.run_id, first))[-1]
        await scene.reset(last_task, "signal", "update", place=first)
        await become(db, "PAUSED", {"g": "pending"})
        await eventually("it to have gone on", lambda: is_in_another(bench, scene.run_id))
        assert await all_replay(bench.client, scene.run_id) == 2
        assert rows(db) == ("PAUSED", {"g": "pending"})


async def test_a_write_of_before_or_after_the_reset_that_lands_once_the_run_has_ended_takes_nothing_back(
    bench: Bench, db: SqliteDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    landings = Landings(monkeypatch)
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow):
        await scene.reset(await completed(scene), "update")
        await become(db, "PAUSED", {"g": "approved", "h": "pending"})
        await scene.decide("update", "bob")
        await bench.ended(scene.run_id)
    before = await all_rows(db)
    await landings.land_again()

    assert landings.statuses[-3:] == ["COMPLETED", "PAUSED", "COMPLETED"]
    assert await all_rows(db) == before


async def test_without_a_worker_the_rows_tell_of_before_until_they_are_rebuilt(
    bench: Bench, db: SqliteDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(bench, db)
    async with bench.worker(scene.workflow):
        task = await completed(scene)
    await scene.reset(task)
    assert rows(db)[0] == "COMPLETED"
    monkeypatch.setattr("agno_temporal.cli.rebuilding.load_workflows", lambda app: [scene.workflow])
    await rebuilt(bench.runs, ["app.py"], scene.run_id, None, as_json=True)
    assert rows(db) == ("RUNNING", {"g": "approved"})


async def is_in_another(bench: Bench, run_id: str) -> bool:
    return len(await temporal_runs(bench.client, run_id)) == 2


def rows(db: Any) -> tuple[str, dict[str, str]]:
    session: Any = db.get_session(session_id="s", session_type=SessionType.WORKFLOW)
    approvals, _ = db.get_approvals()
    return str(getattr(session.runs[0].status, "value", session.runs[0].status)), {
        one["source_name"]: one["status"] for one in approvals
    }


async def test_what_is_not_asked_any_more_is_in_no_list_where_the_run_is_cancelled_while_that_is_written(
    bench: Bench, tmp_path: Path
) -> None:
    class Slow(SqliteDb):
        holds = False
        held = threading.Event()

        def upsert_session(self, *arguments: Any, **options: Any) -> Any:
            if self.holds:
                self.held.set()
                time.sleep(1.6)
            return super().upsert_session(*arguments, **options)

    scene = Scene(bench, Slow(db_file=str(tmp_path / "runs.db")))
    async with bench.worker(scene.workflow):
        await bench.start_in_short_tasks("reset", scene.run_id, session_id="s")
        await bench.paused(scene.run_id)
        asked_first = (await scene.tasks())[-1]
        for _ in ("g", "h"):
            await bench.paused(scene.run_id)
            await scene.decide("update")
        await bench.ended(scene.run_id)
        scene.db.holds = True
        await scene.reset(asked_first, "update")
        assert await asyncio.to_thread(scene.db.held.wait, PATIENCE)
        await bench.runs.cancel(scene.run_id)
        scene.db.holds = False
        run = await bench.ended(scene.run_id)
    asks = {asked.requirement.step_name for asked in run.asked}  # None, where a task was lost with its question.
    assert asks <= {"g"}
    assert rows(scene.db) == ("CANCELLED", dict.fromkeys(asks, "cancelled"))
    await replays(bench.client, scene.run_id)

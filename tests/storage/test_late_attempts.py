"""Attempts to write a run that Temporal gave up, and that land when the run has long gone on elsewhere."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import Client
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin
from agno_temporal.activities import silent_database
from tests.chapters.scenes import temporal_runs
from tests.running.tools import confirm
from tests.storage.databases import rows_of
from tests.storage.landings import Landings, all_rows
from tests.support import Bench, eventually


@pytest.fixture
def landings(monkeypatch: pytest.MonkeyPatch) -> Landings:
    return Landings(monkeypatch)


def gate(name: str) -> Step:
    return Step(name=name, executor=lambda _: name, human_review=HumanReview(requires_confirmation=True))


@pytest.mark.parametrize("histories", [1, 3], ids=["one history", "several histories"])
async def test_no_write_of_a_run_takes_back_what_a_later_one_told(
    bench: Bench, sql: Any, landings: Landings, histories: int
) -> None:
    """Two questions that open at once are two writes at once, which may come in either order."""
    workflow = Workflow(name="gates", db=sql, steps=[Parallel(gate("a"), gate("b"), name="both"), gate("c")])
    async with bench.worker(workflow, continue_after=3 if histories > 1 else None):
        run_id = await bench.start(workflow, session_id="s")
        for _ in range(2):
            await bench.runs.decide(run_id, confirm((await bench.paused(run_id))[0], by="ana"))
        await bench.paused(run_id)
        before = await all_rows(sql)
        await landings.land_again()
        after = await all_rows(sql)

    assert landings.statuses == ["PAUSED"] * 3
    assert after == before
    assert len(await temporal_runs(bench.client, run_id)) >= histories


class Hangs(SqliteDb):
    """Its first write hangs, before it holds anything: SQLite's lock is that of the whole file."""

    def __init__(self, file: Path) -> None:
        super().__init__(db_file=str(file))
        self.hung, self.goes_on, self.landed = threading.Event(), threading.Event(), threading.Event()

    def _get_table(self, table_type: str, create_table_if_not_found: bool | None = False) -> Any:
        if create_table_if_not_found and not self.hung.is_set():
            self.hung.set()
            self.goes_on.wait(60)
        return super()._get_table(table_type, create_table_if_not_found)

    def upsert_session(self, *args: Any, **options: Any) -> Any:
        try:
            return super().upsert_session(*args, **options)
        finally:
            self.landed.set()


def one_step(db: Any) -> Workflow:
    return Workflow(name="one-step", db=db, steps=[Step(name="s", executor=lambda _: "done")])


async def until(what: str, event: threading.Event) -> None:
    async def is_so() -> bool:
        return event.is_set()

    await eventually(what, is_so)


async def test_a_run_that_was_opened_on_a_worker_that_hangs_ends_on_another_one_and_stays_so(
    bench: Bench, tmp_path: Path
) -> None:
    begun, done = threading.Event(), threading.Event()

    async def work(_: Any) -> str:
        begun.set()
        await asyncio.to_thread(done.wait, 60)
        return "worked"

    busy = Workflow(name="busy", steps=[Step(name="work", executor=work)])
    hanging, sound = Hangs(tmp_path / "agno.db"), SqliteDb(db_file=str(tmp_path / "agno.db"))
    plugins = [AgnoPlugin([one_step(hanging), busy])]
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=plugins, max_concurrent_activities=1):
        await bench.start(busy)
        await until("the first worker to have no place for an activity", begun)
        run_id = await bench.start(one_step(None), session_id="s")
        await until("the write to hang", hanging.hung)
        second = await Client.connect(bench.client.service_client.config.target_host)
        async with Worker(second, task_queue=bench.task_queue, plugins=[AgnoPlugin([one_step(sound)])]):
            await bench.ended(run_id)
            hanging.goes_on.set()
            await until("the write to land", hanging.landed)
            done.set()

    assert [row["status"] for row in await rows_of(sound, "runs")] == ["COMPLETED"]


async def test_a_database_that_says_nothing_is_named_as_what_a_run_waits_for(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_database, "PATIENCE", 0.5)
    db = Hangs(tmp_path / "agno.db")
    async with bench.worker(workflow := one_step(db)):
        run_id = await bench.start(workflow, session_id="s")
        (blocked,) = await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
        assert "The database did not answer within 0.5 s." in blocked.reason
        db.goes_on.set()
        assert (await bench.ended(run_id)).status == "COMPLETED"

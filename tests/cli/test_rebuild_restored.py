"""`rebuild` after Temporal was restored from a backup: the rows are ahead of it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import Client

from agno_temporal.agno_bridge.approvals import waiting
from agno_temporal.agno_bridge.row_order import Over
from agno_temporal.cli.rebuilding import in_thread, rebuilt
from agno_temporal.connect.dev_server import start_dev_server
from tests.running.tools import confirm
from tests.storage.databases import rows_of
from tests.support import Bench


class Scene:
    """A run that waited for its gate when Temporal was backed up, and had ended when it was lost."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self.backup = place / "temporal", place / "backup"
        self.db = SqliteDb(db_file=str(place / "agno.db"))
        gate = Step(name="g", executor=lambda _: "g", human_review=HumanReview(requires_confirmation=True))
        self.workflow = Workflow(name="gated", db=self.db, steps=[gate])
        monkeypatch.setattr("agno_temporal.cli.rebuilding.load_workflows", lambda app: [self.workflow])
        self.place.mkdir()

    @asynccontextmanager
    async def temporal(self) -> AsyncIterator[Bench]:
        server = await start_dev_server(database=self.place / "temporal.db")
        try:
            yield Bench(await Client.connect(server.client.service_client.config.target_host), "restored")
        finally:
            await server.shutdown()

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[Bench]:
        async with self.temporal() as bench, bench.worker(self.workflow):
            await bench.start(self.workflow, "x", run_id="r", session_id="s")
            await bench.paused("r")
        shutil.copytree(self.place, self.backup)
        async with self.temporal() as bench, bench.worker(self.workflow):
            await self.confirm(bench)
            await bench.ended("r")
        shutil.rmtree(self.place)
        shutil.copytree(self.backup, self.place)
        async with self.temporal() as bench:
            yield bench

    async def confirm(self, bench: Bench) -> None:
        [asked] = await bench.paused("r")
        await bench.runs.decide("r", confirm(asked, by="ana"))

    async def status(self) -> str:
        [row] = await rows_of(self.db, "runs")
        return str(row["status"])

    async def waits(self) -> list[str | None]:
        return [one.step_name for one in (await waiting(self.db, in_thread)).items]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


async def test_a_row_that_is_ahead_is_left_and_named(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    async with scene.restored() as bench:
        assert await rebuilt(bench.runs, ["app.py"], None, None, as_json=False) == 2
    assert "r of gated: not written: the database tells of a later state" in capsys.readouterr().out
    assert await scene.status() == "COMPLETED"


async def test_with_force_the_run_is_listed_again_and_what_it_does_then_counts(scene: Scene) -> None:
    async with scene.restored() as bench:
        assert await rebuilt(bench.runs, ["app.py"], None, None, as_json=False, over=Over.LATER) is None
        assert (await scene.status(), await scene.waits()) == ("PAUSED", ["g"])
        async with bench.worker(scene.workflow):
            await scene.confirm(bench)
            await bench.ended("r")
    assert (await scene.status(), await scene.waits()) == ("COMPLETED", [])

"""`rebuild` after Temporal was restored from a backup: rows are ahead of it, or of runs that it does not have."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from httpx import ASGITransport, AsyncClient
from temporalio.client import Client

from agno_temporal.agno_bridge.approvals import waiting
from agno_temporal.agno_bridge.row_order import Over
from agno_temporal.api.app import create_app
from agno_temporal.api.service import Service
from agno_temporal.cli.exits import Failed
from agno_temporal.cli.rebuilding import in_thread, rebuilt
from agno_temporal.connect.dev_server import start_dev_server
from tests.api.deciding import Api, ByName, problem
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

    @asynccontextmanager
    async def emptied(self) -> AsyncIterator[Bench]:
        """A Temporal that does not have the run, which waits in the database."""
        async with self.temporal() as bench, bench.worker(self.workflow):
            await bench.start(self.workflow, "x", run_id="r", session_id="s")
            await bench.paused("r")
        shutil.rmtree(self.place)
        self.place.mkdir()
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


async def test_a_run_that_temporal_does_not_have_is_named_with_what_ends_it(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    async with scene.emptied() as bench:
        with pytest.raises(Failed, match=r"not in Temporal: r\. --lost ends"):
            await rebuilt(bench.runs, ["app.py"], "r", None, as_json=False)
        with pytest.raises(Failed, match="Temporal has no run that is meant"):
            await rebuilt(bench.runs, ["app.py"], None, None, as_json=False)
    assert "--lost ends what is so." in capsys.readouterr().err
    assert (await scene.status(), await scene.waits()) == ("PAUSED", ["g"])


@pytest.mark.parametrize("run_id", ["r", None])
async def test_lost_ends_its_row_and_closes_its_questions(scene: Scene, run_id: str | None) -> None:
    async with scene.emptied() as bench:
        assert await rebuilt(bench.runs, ["app.py"], run_id, None, as_json=False, ends_lost=True) is None
    assert (await scene.status(), await scene.waits()) == ("ERROR", [])
    assert [one["status"] for one in await rows_of(scene.db, "approvals")] == ["cancelled"]


async def test_lost_leaves_what_agno_runs_by_itself(scene: Scene) -> None:
    scene.workflow.run("x", session_id="own")
    async with scene.temporal() as bench:
        with pytest.raises(Failed, match="Temporal has no run that is meant"):
            await rebuilt(bench.runs, ["app.py"], None, None, as_json=False, ends_lost=True)
    assert await scene.status() == "PAUSED"


async def test_started_again_under_its_id_it_is_a_live_run(scene: Scene) -> None:
    async with scene.emptied() as bench, bench.worker(scene.workflow):
        await bench.start(scene.workflow, "x", run_id="r", session_id="s")
        await scene.confirm(bench)
        await bench.ended("r")
    assert (await scene.status(), await scene.waits()) == ("COMPLETED", [])


async def test_who_decides_in_it_is_told_that_nothing_of_it_goes_on(scene: Scene) -> None:
    async with scene.emptied() as bench:
        service = Service(bench.runs, {"gated": scene.workflow}, {}, db=scene.db, access=ByName())
        [asked] = (await waiting(scene.db, in_thread)).items
        async with AsyncClient(transport=ASGITransport(create_app(service)), base_url="http://api") as http:
            answer = problem(await Api(http).decide("r", asked.id, "confirm", by="ana"), 409, "run-closed")
    assert answer["run_status"] == "PAUSED"
    assert "Temporal does not have it any more: nothing of it goes on" in answer["detail"]

"""A disk is full, Temporal's or the database's: nothing is taken that could not be kept, and with room all goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agno.db.postgres import PostgresDb
from agno.db.sqlite import SqliteDb
from agno.workflow import Step

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.connect.bounded import BoundedCalls
from agno_temporal.connect.settings import Settings
from tests.api.served import over, problem, release
from tests.crash.processes import server_on_file
from tests.operations.page import Section
from tests.postgres import PostgresServer
from tests.running.scenes import scene
from tests.running.tools import confirm, deciders, replays
from tests.storage.databases import rows_of
from tests.support import Bench, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small file system of its own, that PostgreSQL's user may enter too."""
    place = Path(tempfile.mkdtemp(prefix="disk-"))
    place.chmod(0o755)
    options = "size=128m,mode=755"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=False).returncode:
        place.rmdir()
        pytest.skip("only root may mount a file system")
    yield place
    subprocess.run(["umount", "-l", place], check=True)
    place.rmdir()


@pytest.fixture
def sqlite(disk: Path) -> SqliteDb:
    return SqliteDb(db_file=str(disk / "agno.db"))


@pytest.fixture
def postgresql(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresDb]:
    with monkeypatch.context() as there:
        there.setattr(tempfile, "tempdir", str(disk))
        server = PostgresServer()
    server.start()
    yield PostgresDb(server.url)
    server.remove()


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    file = os.open(filler, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(file, b"x" * 4096)
    except OSError:
        assert shutil.disk_usage(disk).free == 0
    finally:
        os.close(file)
    return filler


async def test_a_decision_that_finds_no_room_is_of_unknown_outcome_and_counts_once(disk: Path) -> None:
    page = Section("The disk of Temporal's database is full")
    with server_on_file(disk) as server:
        await server.start()
        client = await Settings(server.address).connect([BoundedCalls()])
        bench = Bench(await Settings(server.address).connect(), "full")
        http = over(create_app(new_service([release()], client, task_queue="full")))
        at = scene(requires_confirmation=True)
        async with bench.worker(at.workflow):
            run_id = await bench.start(at.workflow)
            [asked] = await bench.paused(run_id)
            filler = fill(disk)
            question = f"/v1/runs/{run_id}/requirements/{asked.requirement.id}"
            refused = await http.post(f"{question}/confirm", headers={"Idempotency-Key": "k"})
            started = await http.post("/v1/runs", json={"workflow_id": "release"})
            filler.unlink()

            async def taken() -> bool:
                answer = await http.post(f"{question}/confirm", headers={"Idempotency-Key": "k"})
                return answer.status_code == 200

            await eventually("the decision", taken)
            run = await bench.ended(run_id)
            await replays(bench.client, run_id)

    assert refused.status_code == 503, refused.text
    assert refused.json()["type"] in ("outcome-unknown", "temporal-unavailable")
    page.shows(refused.json()["type"], refused.text)
    page.shows("temporal-unavailable", problem(started, 503, "temporal-unavailable")["type"])
    assert deciders(run) == ["anonymous"]
    assert at.ran == ["before", "gate", "after"]


@pytest.mark.parametrize(
    ("database", "reason"),
    [("sqlite", "database or disk is full"), ("postgresql", "No space left on device")],
)
async def test_a_run_whose_database_finds_no_room_waits_for_it_and_says_so(
    bench: Bench, disk: Path, database: str, reason: str, request: pytest.FixtureRequest
) -> None:
    page = Section("The disk of the database is full")
    db: Any = request.getfixturevalue(database)
    at = scene(requires_confirmation=True)
    at.workflow.db = db
    at.workflow.steps.append(Step(name="large", executor=lambda _: os.urandom(200_000).hex()))
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        filler = fill(disk)
        await bench.runs.decide(run_id, confirm(asked, by="ana"))
        [why] = await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
        filler.unlink()
        run = await bench.ended(run_id)
        [stored] = await rows_of(db, "runs")

    page.shows(reason, why.reason)
    assert deciders(run) == ["ana"]
    assert (run.status, stored["status"]) == ("COMPLETED", "COMPLETED")

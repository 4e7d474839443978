"""A database that is locked or stopped for long: reads say so, runs wait, and nothing has to be repaired."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb

from tests.api.served import problem, release, served
from tests.operations.app import App, ended, waiting
from tests.operations.page import Section
from tests.postgres import PostgresServer
from tests.running.tools import confirm, event_counts
from tests.support import Bench, eventually


@pytest.fixture
def power() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.mark.slow
async def test_sqlite_that_another_process_holds_delays_a_run_and_no_more(bench: Bench, tmp_path: Path) -> None:
    """For as long as it takes: here until a write was tried again."""
    page = Section("The database is locked")
    file = tmp_path / "agno.db"
    workflow = release(SqliteDb(db_url=f"sqlite:///{file}?timeout=0.2"))
    async with served(bench, workflow) as api:
        run_id = await api.start()
        [asked] = await bench.paused(run_id)
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        listed = await api.http.get("/v1/requirements")
        await bench.runs.decide(run_id, confirm(asked, by="ana"))

        async def tried_again() -> str | None:
            run = await bench.client.get_workflow_handle(run_id).describe()
            failures = [one.last_failure.message for one in run.raw_description.pending_activities]
            return next((one for one in failures if one), None)

        why = await eventually("a write that failed", tried_again)
        shown = await bench.runs.blocked(run_id)
        holder.execute("ROLLBACK")
        run = await bench.ended(run_id)
        stored = await api.get("/v1/runs?status=COMPLETED")

    assert listed.status_code == 200, listed.text
    page.shows("database is locked", why)
    assert [one.reason for one in shown] == [why]
    assert "INSERT" not in why
    assert run.status == "COMPLETED"
    assert [one["run_id"] for one in stored["runs"]] == [run_id]


@pytest.mark.slow
async def test_postgresql_that_is_stopped_is_named_by_every_part(power: PostgresServer, bench: Bench, app: App) -> None:
    page = Section("The database is away")
    source = (app.directory / "app.py").read_text()
    source = source.replace("from agno.db.sqlite import SqliteDb", "from agno.db.postgres import PostgresDb")
    (app.directory / "app.py").write_text(source.replace('SqliteDb(db_file="agno.db")', f"PostgresDb({power.url!r})"))
    worker = await app.worker()
    api, http = await app.api()
    run_id, question = await waiting(http)
    power.stop()
    listed = await http.get("/v1/requirements")
    ready = await http.get("/ready")
    metrics = await http.get("/metrics")
    doctor = await app.said("doctor", "app.py", code=3)
    decided = await http.post(f"{question}/confirm")

    async def tried_again() -> bool:
        return (await event_counts(bench.client, run_id))["ACTIVITY_TASK_SCHEDULED"] > 1

    await eventually("the end to be written by a regular activity", tried_again)
    power.start()
    run = await ended(http, run_id)

    page.shows("database-unavailable", problem(listed, 503, "database-unavailable")["type"])
    assert problem(ready, 503, "not-ready")["checks"]["database"]["ok"] is False
    page.shows('agno_temporal_reading_ok{source="open"} 0', metrics.text)
    page.shows("the database did not answer: ", api.said)
    page.shows("does not answer: ", " ".join(doctor.split()))
    assert decided.status_code == 200
    assert (run["status"], run["source"]) == ("COMPLETED", "run")
    assert worker.is_alive

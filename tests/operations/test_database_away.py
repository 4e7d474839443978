"""A database that is locked, read-only or stopped for long: reads say so, runs wait, and nothing has to be repaired."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agno.db.postgres import PostgresDb
from agno.db.sqlite import SqliteDb
from httpx import Response
from sqlalchemy import create_engine, text

from agno_temporal.api import key_ring
from agno_temporal.api.credentials import Credentials
from agno_temporal.api.key_ring import FRESH, KeyRing
from agno_temporal.api.key_stores import KeyTable
from agno_temporal.api.keys import new_key
from agno_temporal.api.principals import Scope
from tests.api.served import Served, problem, release, served
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
    put_on(power, app)
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


@pytest.mark.slow
async def test_postgresql_that_is_read_only_is_read_and_runs_wait_to_write(power: PostgresServer, app: App) -> None:
    page = Section("The database is read-only")
    put_on(power, app)
    await app.worker()
    _, http = await app.api()
    run_id, question = await waiting(http)
    read_only(power, "on")
    decided = await http.post(f"{question}/confirm")
    new = (await http.post("/v1/runs", json={"workflow_id": "gated"})).json()["run_id"]

    async def blocked(run_id: str) -> dict[str, Any] | None:
        run: dict[str, Any] = (await http.get(f"/v1/runs/{run_id}")).json()
        return run if run["blocked"] else None

    ends = await eventually("the end to be blocked", lambda: blocked(run_id))
    begins = await eventually("the beginning to be blocked", lambda: blocked(new))
    listed = await http.get("/v1/requirements")
    ready = await http.get("/ready")
    doctor = await app.said("doctor", "app.py", code=3)
    shown = await app.said("show", new)
    read_only(power, "off")

    async def asks() -> bool:
        return bool((await http.get("/v1/requirements")).json()["pending"])

    run = await ended(http, run_id)
    await eventually("the new run's question", asks)

    assert decided.status_code == 200, decided.text
    assert listed.status_code == 200, listed.text
    assert ready.status_code == 200, ready.text
    assert (ends["status"], ends["settled"]) == ("COMPLETED", False)
    page.shows("PENDING", begins["status"])
    page.shows("in a read-only transaction", " ".join(shown.split()))
    page.shows("takes no writes", " ".join(doctor.split()))
    assert run["status"] == "COMPLETED"


@pytest.mark.slow
async def test_keys_in_it_are_known_for_a_while_and_then_nobody_is_called_unknown(
    power: PostgresServer, bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(key_ring, "GRACE", 2 * FRESH)
    page = Section("The database that has the API keys is away")
    db = PostgresDb(power.url)
    key, token = new_key("ana", [Scope.ADMIN], time.time())
    await KeyTable(db).add(key)
    async with served(bench, release(db), access=Credentials(KeyRing(KeyTable(db)))) as api:
        api.http.headers["Authorization"] = f"Bearer {token}"
        at_once, later = [await question(api, await api.start()) for _ in range(2)]
        power.stop()
        taken = await api.http.post(f"{at_once}/confirm")

        async def refused() -> Response | None:
            answer = await api.http.get(later)
            return answer if answer.status_code == 503 else None

        await eventually("the end of the time for which keys are known", refused)
        unknown = await api.http.post(f"{later}/confirm")
        power.start()

        async def decided() -> bool:
            return (await api.http.post(f"{later}/confirm")).status_code == 200

        await eventually("the key to be known again", decided)

    assert taken.status_code == 200, taken.text
    page.shows("credentials-unavailable", problem(unknown, 503, "credentials-unavailable")["type"])
    page.shows("API keys could not be read: ", caplog.text)


def put_on(power: PostgresServer, app: App) -> None:
    """Have the app keep its runs there."""
    source = (app.directory / "app.py").read_text()
    source = source.replace("from agno.db.sqlite import SqliteDb", "from agno.db.postgres import PostgresDb")
    (app.directory / "app.py").write_text(source.replace('SqliteDb(db_file="agno.db")', f"PostgresDb({power.url!r})"))


def read_only(power: PostgresServer, mode: str) -> None:
    """What begins from now on is read-only, or is not."""
    engine = create_engine(power.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = off"))
        connection.execute(text(f"ALTER SYSTEM SET default_transaction_read_only = {mode}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


async def question(api: Served, run_id: str) -> str:
    """The address of what a run waits for."""
    [asked] = await api.bench.paused(run_id)
    return f"/v1/runs/{run_id}/requirements/{asked.requirement.id}"

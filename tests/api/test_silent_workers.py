"""A run is read in moments, whether its worker is there, was killed, or never was."""

from __future__ import annotations

import time
from pathlib import Path

from agno.db.sqlite import SqliteDb

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from tests.api.served import over, problem, release, served, some_id
from tests.support import Bench


async def test_without_its_worker_a_run_is_what_the_database_has(bench: Bench, tmp_path: Path) -> None:
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")))
    async with served(bench, workflow) as api:
        run_id = await api.start(input="v2", user_id="ana")
        known = await api.get(f"/v1/runs/{run_id}")
    async with served(bench, workflow, worker=False) as api:
        begun = time.monotonic()
        run = await api.get(f"/v1/runs/{run_id}")
        output = await api.http.get(f"/v1/runs/{run_id}/output")
        took = time.monotonic() - begun

    assert took < 15
    assert (run["source"], run["status"], run["input"], run["user_id"]) == ("database", "PAUSED", "v2", "ana")
    assert run.keys() >= known.keys()
    assert [one["requirement_id"] for one in run["pending"]] == [one["requirement_id"] for one in known["pending"]]
    assert output.headers["agno-temporal-source"] == "database"
    assert (output.json()["run_id"], output.json()["status"]) == (run_id, "PAUSED")


async def test_a_run_that_nobody_began_has_no_worker(bench: Bench, tmp_path: Path) -> None:
    service = new_service(
        [release(SqliteDb(db_file=str(tmp_path / "agno.db")))], bench.client, task_queue=some_id("queue")
    )
    http = over(create_app(service))
    run_id = (await http.post("/v1/runs", json={"workflow_id": "release"})).json()["run_id"]
    answer = await http.get(f"/v1/runs/{run_id}")

    problem(answer, 503, "no-worker")
    assert answer.headers["retry-after"] == "5"


async def test_a_run_that_temporal_keeps_no_longer_is_what_the_database_has(bench: Bench, tmp_path: Path) -> None:
    """Here it never had it: agno itself ran it into the same database."""
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")), requires_confirmation=False)
    run_id = (await workflow.arun("v2")).run_id
    async with served(bench, workflow, worker=False) as api:
        run = await api.get(f"/v1/runs/{run_id}")
        cancel = await api.http.post(f"/v1/runs/{run_id}/cancel")

    assert (run["status"], run["source"], run["content"]) == ("COMPLETED", "database", "shipped")
    problem(cancel, 404, "run-not-found")

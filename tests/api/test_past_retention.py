"""A run that Temporal keeps no longer: who decided in it stands in the database, and is told from there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from httpx import ASGITransport, AsyncClient
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from agno_temporal.api.app import create_app
from agno_temporal.api.service import Service
from tests.api.deciding import Api, ByName, decided, opened, problem
from tests.api.served import problem as problem_of
from tests.api.served import release, served
from tests.support import Bench, eventually


async def deleted(bench: Bench, run_id: str) -> None:
    """What retention would have done by now."""
    where = WorkflowExecution(workflow_id=run_id)
    request = DeleteWorkflowExecutionRequest(namespace=bench.client.namespace, workflow_execution=where)
    await bench.client.workflow_service.delete_workflow_execution(request)

    async def gone() -> bool:
        return not await bench.runs.exists(run_id)

    await eventually(f"run {run_id} deleted", gone)


async def test_the_winner_is_told_and_the_same_decision_gets_its_record(bench: Bench, tmp_path: Path) -> None:
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")), requires_confirmation=True)
    app = create_app(Service(bench.runs, {"release": workflow}, {}, db=workflow.db, access=ByName()))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api") as http:
        api = Api(http)
        async with bench.worker(workflow):
            run_id, one = await opened(bench, workflow)
            first = decided(await api.decide(run_id, one, "confirm", by="ana", key="click"))
            await bench.ended(run_id)
        await deleted(bench, run_id)
        again = decided(await api.decide(run_id, one, "confirm", by="ana", key="click"))
        late = problem(await api.decide(run_id, one, "reject", by="ben"), 409, "already-decided")
        unknown = problem(await api.decide(run_id, "0" * 36, "reject", by="ben"), 409, "run-closed")
    assert (again["action"], again["decided_by"]) == (first["action"], first["decided_by"]) == ("confirm", "ana")
    assert late["winner"]["decided_by"] == "ana"
    assert unknown["run_status"] == "COMPLETED"


@pytest.mark.slow  # To delete a run takes a server half a minute.
async def test_a_start_that_is_sent_again_starts_nothing_again(bench: Bench, tmp_path: Path) -> None:
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")), requires_confirmation=True)
    body = {"workflow_id": "release", "input": "v1"}
    named: dict[str, Any] = {"json": {**body, "run_id": f"{bench.task_queue}-15"}}
    keyed: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": "click"}}
    async with served(bench, workflow) as api:
        started = [(await api.http.post("/v1/runs?wait=30", **one)).json()["run_id"] for one in (named, keyed)]
        for run_id in started:
            await bench.runs.cancel(run_id)
            await bench.ended(run_id)
        await asyncio.gather(*(deleted(bench, run_id) for run_id in started))
        again = [problem_of(await api.http.post("/v1/runs", **one), 409, "run-id-reused") for one in (named, keyed)]
        stored = [await api.get(f"/v1/runs/{run_id}") for run_id in started]

    assert all("has ended before, as CANCELLED" in one["detail"] for one in again)
    assert [(one["status"], one["source"]) for one in stored] == [("CANCELLED", "database")] * 2


async def test_a_question_that_a_cancel_closed_has_no_winner(bench: Bench, tmp_path: Path) -> None:
    workflow = release(SqliteDb(db_file=str(tmp_path / "agno.db")), requires_confirmation=True)
    app = create_app(Service(bench.runs, {"release": workflow}, {}, db=workflow.db, access=ByName()))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api") as http:
        async with bench.worker(workflow):
            run_id, one = await opened(bench, workflow)
            await bench.runs.cancel(run_id)
            await bench.ended(run_id)
        await deleted(bench, run_id)
        closed = problem(await Api(http).decide(run_id, one, "confirm", by="ana"), 409, "run-closed")
    assert closed["run_status"] == "CANCELLED"

"""A database that takes connections and says nothing: lists say so, and nothing else waits for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from agno.db.postgres import AsyncPostgresDb, PostgresDb
from agno.workflow import HumanReview, Workflow

from agno_temporal.agno_bridge.request import request_of
from agno_temporal.api import reads
from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from tests.api.serving import serving
from tests.differential.blocks import says
from tests.support import Bench

KINDS = pytest.mark.parametrize("kind", [PostgresDb, AsyncPostgresDb])


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a database whose connections are taken, and left alone."""
    monkeypatch.setattr(reads, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield f"postgresql+psycopg://u:p@127.0.0.1:{listening.getsockname()[1]}/d"


def gated(db: Any = None) -> Workflow:
    gate = says("ship", human_review=HumanReview(requires_confirmation=True))
    return Workflow(name="gated", steps=[gate], db=db, telemetry=False)


async def paused(bench: Bench, run_id: str) -> str:
    """Start a run, and return its question."""
    await bench.runs.start("gated", request_of(gated(), "go"), run_id)
    [asked] = await bench.paused(run_id)
    return f"/runs/{run_id}/requirements/{asked.requirement.id}"


@KINDS
async def test_lists_say_so_and_decisions_are_taken(bench: Bench, silent: str, kind: Any) -> None:
    async with bench.worker(gated()):
        run_id = f"{bench.task_queue}-run"
        question = await paused(bench, run_id)
        service = new_service([gated(kind(db_url=silent))], bench.client, task_queue=bench.task_queue)
        async with serving(create_app(service)) as url, httpx.AsyncClient(base_url=f"{url}/v1", timeout=20) as http:
            lists = await asyncio.gather(*(http.get("/requirements") for _ in range(3 * reads.THREADS)))
            decided = await http.post(f"{question}/confirm")
        run = await bench.ended(run_id)

    assert {(one.status_code, one.json()["type"].rpartition("/")[2]) for one in lists} == {
        (503, "database-unavailable")
    }
    assert decided.status_code == 200
    assert run.status == "COMPLETED"


@KINDS
async def test_a_decision_is_left_for_the_run(bench: Bench, silent: str, kind: Any) -> None:
    run_id = f"{bench.task_queue}-run"
    async with bench.worker(gated()):
        question = await paused(bench, run_id)
    service = new_service([gated(kind(db_url=silent))], bench.client, task_queue=bench.task_queue)
    async with serving(create_app(service)) as url, httpx.AsyncClient(base_url=f"{url}/v1", timeout=20) as http:
        left = await http.post(f"{question}/confirm", headers={"Prefer": "respond-async, wait=0"})
    async with bench.worker(gated()):
        run = await bench.ended(run_id)

    assert left.status_code == 202
    assert run.status == "COMPLETED"

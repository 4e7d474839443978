"""A database that takes connections and says nothing: lists say so, and nothing else waits for it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import httpx
import pytest
from agno.db.postgres import PostgresDb
from agno.workflow import HumanReview, Workflow

from agno_temporal.agno_bridge.request import request_of
from agno_temporal.api import reads
from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from tests.api.serving import serving
from tests.differential.blocks import says
from tests.support import Bench


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a database whose connections are taken, and left alone."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield f"postgresql+psycopg://u:p@127.0.0.1:{listening.getsockname()[1]}/d"


def gated(db: PostgresDb | None = None) -> Workflow:
    gate = says("ship", human_review=HumanReview(requires_confirmation=True))
    return Workflow(name="gated", steps=[gate], db=db, telemetry=False)


async def test_lists_say_so_and_decisions_are_taken(bench: Bench, silent: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reads, "PATIENCE", 0.5)
    workflow = gated()
    async with bench.worker(workflow):
        run_id = f"{bench.task_queue}-run"
        await bench.runs.start("gated", request_of(workflow, "go"), run_id)
        [asked] = await bench.paused(run_id)
        service = new_service([gated(PostgresDb(db_url=silent))], bench.client, task_queue=bench.task_queue)
        async with serving(create_app(service)) as url, httpx.AsyncClient(base_url=f"{url}/v1", timeout=20) as http:
            lists = await asyncio.gather(*(http.get("/requirements") for _ in range(3 * reads.THREADS)))
            decided = await http.post(f"/runs/{run_id}/requirements/{asked.requirement.id}/confirm")
        run = await bench.ended(run_id)

    assert {(one.status_code, one.json()["type"].rpartition("/")[2]) for one in lists} == {
        (503, "database-unavailable")
    }
    assert decided.status_code == 200
    assert run.status == "COMPLETED"

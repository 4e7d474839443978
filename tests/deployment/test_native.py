"""The whole stack, by the compose file's own commands: a gate is decided across processes that come and go."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deployment.native import Native
from tests.support import eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def native(tmp_path: Path) -> Iterator[Native]:
    native = Native(tmp_path)
    yield native
    native.stop()


@pytest.fixture
async def started(native: Native) -> AsyncIterator[tuple[Native, httpx.AsyncClient, httpx.AsyncClient]]:
    """The stack, and a client of each of its two APIs."""
    await native.start()
    key = await native.keys("create", "me", "--scope", "admin")
    headers = {"Authorization": f"Bearer {key}"}
    first, second = (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{native.ports[name]}", headers=headers, timeout=60)
        for name in ("api-1", "api-2")
    )
    async with first, second:
        yield native, first, second


async def status(http: httpx.AsyncClient, run_id: str, wanted: str) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        run: dict[str, Any] = (await http.get(f"/v1/runs/{run_id}")).json()
        return run if run.get("status") == wanted else None

    return await eventually(f"{run_id} to be {wanted}", found)


async def test_a_gate_opened_over_one_api_is_decided_over_the_other_whatever_is_killed_or_told_to_stop(
    started: tuple[Native, httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    native, first, second = started
    order = native.order
    begun = await first.post("/v1/runs?wait=30", json={"workflow_id": "release", "input": "1.4"})
    run_id = begun.json()["run_id"]
    [listed] = (await second.get("/v1/requirements")).json()["pending"]
    question = f"/v1/runs/{run_id}/requirements/{listed['requirement_id']}"
    unknown = await second.get("/v1/runs", headers={"Authorization": "Bearer nobody"})

    native.processes["worker-1"].kill()
    decided = await second.post(f"{question}/confirm")
    run = await status(first, run_id, "COMPLETED")

    leaving = native.processes["api-1"]
    leaving.signal(signal.SIGTERM)

    async def not_ready() -> bool:
        return (await first.get("/ready")).status_code == 503

    await eventually("the first API to be no longer ready", not_ready)
    ready = (await first.get("/ready")).json()
    served = await first.post("/v1/runs?wait=30", json={"workflow_id": "release", "input": "1.5"})
    worker = native.processes["worker-2"]
    worker.signal(signal.SIGTERM)
    codes = await asyncio.gather(leaving.ended(), worker.ended())
    await native.add("worker", 3)
    [waits] = (await second.get("/v1/requirements")).json()["pending"]
    await second.post(f"/v1/runs/{waits['run_id']}/requirements/{waits['requirement_id']}/confirm")
    later = await status(second, waits["run_id"], "COMPLETED")

    assert order.index("postgres") < order.index("temporal") < order.index("namespace") < order.index("worker")
    assert unknown.status_code == 401
    assert decided.status_code == 200, decided.text
    assert (run["content"], run["decisions"][0]["decided_by"]) == ("1.4 is live", "key:me")
    assert ready["checks"]["server"] == {"ok": False, "detail": "it is about to stop"}
    assert served.json()["run_id"] == waits["run_id"]
    assert later["content"] == "1.5 is live"
    assert codes == [0, 0]
    assert "Traceback" not in leaving.said + worker.said

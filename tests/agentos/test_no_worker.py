"""AgentOS while no worker is up: what is there can be read, and what cannot be decided says so and loses nothing."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agno.db.sqlite import SqliteDb
from temporalio.client import Client

from tests.agentos.flows import Flows
from tests.agentos.serving import Site, agent_os, fresh, names, numbers, patient, place, served
from tests.agentos.test_sockets import hear, opened, say
from tests.support import Bench

pytestmark = pytest.mark.slow


@pytest.fixture
async def alone(client: Client, tmp_path: Path) -> AsyncIterator[tuple[Bench, Site]]:
    """An AgentOS without a worker."""
    flows = Flows(SqliteDb(db_file=str(tmp_path / "runs.db")))
    bench = Bench(client, f"agentos-{uuid.uuid4()}")
    durable = bench.durable(flows.all["confirm"])
    async with served(agent_os([durable], flows.db).get_app()) as url, patient(url) as http:
        yield bench, Site(url, flows, http)


async def test_a_run_that_waits_is_read_and_decided_by_the_next_worker(alone: tuple[Bench, Site]) -> None:
    bench, site = alone
    async with bench.worker(site.flows.all["confirm"]):
        run = await site.paused("confirm", mine := fresh())
        told = await site.stream(f"{place(run)}/resume", session_id=run["session_id"])
    assert (await site.found(run)).json()["step_requirements"] == run["step_requirements"]
    again = await site.stream(f"{place(run)}/resume", session_id=run["session_id"])
    assert (again[0][1]["status"], numbers(again), names(again)) == ("PAUSED", numbers(told), names(told))

    answer = {"step_id": run["step_requirements"][0]["step_id"], "confirmed": True}
    nobody = await site.go_on(run, answer)
    assert (nobody.status_code, "Start one" in nobody.text) == (503, True)
    async with bench.worker(site.flows.all["confirm"]):
        await site.go_on(run, answer)
        await site.becomes(run, "COMPLETED")
    assert site.flows.ran[f"{mine}/gate"] == 1


async def test_a_run_that_nobody_has_begun_is_there(alone: tuple[Bench, Site]) -> None:
    bench, site = alone
    answer = await site.run("confirm", fresh(), background="true")
    run = {**answer.json(), "workflow_id": "confirm"}
    assert (await site.found(run)).json()["status"] == "PENDING"
    async with bench.worker(site.flows.all["confirm"]):
        await site.becomes(run, "PAUSED")


async def test_a_run_that_nobody_has_begun_is_there_though_its_caller_would_have_waited(
    alone: tuple[Bench, Site],
) -> None:
    bench, site = alone
    inline = await site.run("confirm", fresh())
    assert (inline.status_code, inline.json()["status"]) == (200, "PENDING")
    found = await site.found(inline.json())
    assert (found.status_code, found.json()["status"]) == (200, "PENDING")
    async with bench.worker(site.flows.all["confirm"]):
        await site.becomes(inline.json(), "PAUSED")


@pytest.mark.parametrize("background", ["false", "true"])
async def test_a_streamed_run_that_nobody_has_begun_is_there(alone: tuple[Bench, Site], background: str) -> None:
    _, site = alone
    run = {"workflow_id": "confirm", "run_id": fresh(), "session_id": fresh()}
    ids = {name: run[name] for name in ("run_id", "session_id")}
    told = await site.stream("/workflows/confirm/runs", message="x", stream="true", background=background, **ids)
    assert names(told) == ["WorkflowError"]
    assert "Start one" in told[0][1]["error"]
    assert (await site.found(run)).json()["status"] == "PENDING"


async def test_a_run_of_a_socket_that_nobody_has_begun_is_there(alone: tuple[Bench, Site]) -> None:
    _, site = alone
    run = {"workflow_id": "confirm", "run_id": fresh(), "session_id": fresh()}
    async with opened(site) as socket:
        await say(socket, "start-workflow", message="x", **run)
        told = await hear(socket)
    run["run_id"] = told[-1]["run_id"]
    assert (await site.found(run)).json()["status"] == "PENDING"

"""AgentOS while Temporal is away, or a key is missing: what the database has is read, the rest is 503, and says why."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.agentos.statuses import Unanswered, unanswered
from tests.agentos.flows import Flows
from tests.agentos.serving import Site, agent_os, fresh, names, patient, place, served
from tests.data.scenes import OLD, OTHER, having
from tests.support import Bench
from tests.tool_script import caller


@pytest.fixture
async def away(crew: tuple[Bench, Flows]) -> AsyncIterator[Site]:
    """An AgentOS with the same database, and an address at which there is no Temporal."""
    bench, flows = crew
    nowhere = await Client.connect("127.0.0.1:9", lazy=True)
    durable = Bench(nowhere, bench.task_queue).durable(flows.all["confirm"])
    agent = caller(name="ops", id="ops", db=flows.db)
    async with served(agent_os([durable], flows.db, agents=[agent]).get_app()) as url, patient(url) as http:
        yield Site(url, flows, http)


@pytest.fixture
async def run(site: Site) -> dict[str, Any]:
    """A run that waits, and has its row."""
    return await site.paused("confirm", fresh())


def yes(run: dict[str, Any]) -> dict[str, Any]:
    return {"step_id": run["step_requirements"][0]["step_id"], "confirmed": True}


async def test_a_run_is_read_from_the_database_while_temporal_is_away(away: Site, run: dict[str, Any]) -> None:
    answer = await away.found(run)
    assert (answer.status_code, answer.json()["step_requirements"]) == (200, run["step_requirements"])


@pytest.mark.parametrize("what", ["run", "background", "continue", "cancel", "resolve", "get"])
async def test_what_temporal_has_to_answer_is_asked_for_again(away: Site, run: dict[str, Any], what: str) -> None:
    match what:
        case "run":
            answer = await away.run("confirm", fresh())
        case "background":
            answer = await away.run("confirm", fresh(), background="true")
        case "continue":
            answer = await away.go_on(run, yes(run))
        case "cancel":
            answer = await away.http.post(f"{place(run)}/cancel")
        case "resolve":
            answer = await away.http.post(f"/approvals/{yes(run)['step_id']}/resolve", json={"status": "approved"})
        case _:
            answer = await away.found({**run, "run_id": str(uuid.uuid4())})
    assert answer.status_code == 503, answer.text
    assert "Temporal did not answer" in answer.json()["detail"]


async def test_a_stream_says_that_temporal_is_away(away: Site, run: dict[str, Any]) -> None:
    begun = await away.stream("/workflows/confirm/runs", message=fresh(), stream="true")
    form = {"step_requirements": json.dumps([yes(run)]), "session_id": run["session_id"], "stream": "true"}
    gone_on = await away.stream(f"{place(run)}/continue", **form)
    for [(name, told)] in (begun, gone_on):
        assert name == "WorkflowError"
        assert told["error"].startswith("Temporal did not answer")


async def test_an_agent_in_the_same_agentos_runs_and_is_resumed_while_temporal_is_away(away: Site) -> None:
    run = (await away.http.post("/agents/ops/runs", data={"message": "go", "stream": "false"})).json()
    told = await away.stream(f"/agents/ops/runs/{run['run_id']}/resume", session_id=run["session_id"])
    assert (names(told), told[0][1]["status"]) == (["replay"], "COMPLETED")


@pytest.mark.parametrize("status", [RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNKNOWN, RPCStatusCode.RESOURCE_EXHAUSTED])
def test_a_call_that_is_lost_or_turned_away_is_503(status: RPCStatusCode) -> None:
    with pytest.raises(Unanswered) as raised, unanswered():
        raise RPCError("transport error", status, b"")
    assert raised.value.status_code == 503


def test_what_temporal_refuses_is_no_missing_answer() -> None:
    with pytest.raises(RPCError), unanswered():
        raise RPCError("no permission", RPCStatusCode.PERMISSION_DENIED, b"")


async def test_a_key_that_is_missing_is_named(client: Client, tmp_path: Path) -> None:
    flows = Flows(SqliteDb(db_file=str(tmp_path / "runs.db")))
    flow, bench = flows.all["confirm"], Bench(client, f"keys-{uuid.uuid4()}")
    right, wrong = having(bench, OLD), having(bench, OTHER)
    async with right.worker(flow):
        made = await right.durable(flow).arun(fresh())
        run = {**made.to_dict(), "workflow_id": "confirm"}
        app = agent_os([wrong.durable(flow)], flows.db).get_app()
        async with served(app) as url, patient(url) as http:
            site = Site(url, flows, http)
            assert (await site.found(run)).json()["status"] == "PAUSED"
            approval = f"/approvals/{yes(run)['step_id']}/resolve"
            for answer in (await site.go_on(run, yes(run)), await http.post(approval, json={"status": "approved"})):
                assert (answer.status_code, "'old'" in answer.json()["detail"]) == (503, True), answer.text

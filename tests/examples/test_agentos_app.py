"""The example's server, with agno's own client in front of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from agno.client import AgentOSClient
from agno.db.sqlite import SqliteDb

from examples.agentos_app import agent_os
from examples.content_pipeline import make_data_pipeline
from tests.agentos.serving import patient, served
from tests.support import Bench


@pytest.mark.slow
async def test_a_round_of_agnos_client_and_what_waits_by_our_route(bench: Bench, tmp_path: Path) -> None:
    db = SqliteDb(db_file=str(tmp_path / "runs.db"))
    workflow = make_data_pipeline(db)
    async with bench.worker(workflow), served(agent_os([bench.durable(workflow)], db)) as url, patient(url) as http:
        client = AgentOSClient(base_url=url)
        run = await client.run_workflow("data-pipeline", "the customer table")
        [waiting] = (await http.get("/v1/requirements")).json()["pending"]
        assert waiting["run_id"] == run.run_id
        for requirement in run.steps_requiring_confirmation:
            requirement.confirm()
        ended = await client.continue_workflow_run(
            "data-pipeline", run.run_id or "", run.step_requirements or [], run.session_id
        )
        assert ended.status == "COMPLETED"


async def test_without_the_extra_mcp_it_serves_all_but_that(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fastmcp", None)
    db = SqliteDb(db_file=str(tmp_path / "runs.db"))
    workflow = make_data_pipeline(db)
    async with served(agent_os([bench.durable(workflow)], db)) as url, patient(url) as http:
        assert (await http.get("/workflows")).json()[0]["id"] == "data-pipeline"
        assert (await http.get("/mcp")).status_code == 404

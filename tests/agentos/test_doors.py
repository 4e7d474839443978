"""A caller reads the runs of the workflow whose route it may use, and neither another one's nor an agent's.

AgentOS asks for tokens here and does not keep users apart. agno then compares a run with its route where it finds the
run's row, and leaves to the event stream what is in no database of that route's workflow.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from agno.db.sqlite import SqliteDb
from agno.os.config import AuthorizationConfig
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import Client

from tests.agentos.callers import SECRET, as_user, token_of
from tests.agentos.flows import Flows
from tests.agentos.serving import Site, agent_os, fresh, names, patient, place, served
from tests.agentos.test_sockets import hear, opened, say
from tests.agentos.test_sockets import names as told_names
from tests.support import Bench
from tests.tool_script import caller

PLAIN = ["workflows:plain:run"]
CONFIRM = ["workflows:confirm:run"]
AGENT = ["agents:ops:run"]


@dataclass
class Gated:
    """AgentOS with three of four workflows and an agent, as a server that has seen none of their runs."""

    site: Site
    bench: Bench
    all: dict[str, Workflow]

    async def made(self, workflow: str) -> dict[str, Any]:
        """A run that was started elsewhere."""
        run = await self.bench.durable(self.all[workflow]).arun(fresh())
        return {"run_id": run.run_id, "workflow_id": workflow, "session_id": run.session_id}


@pytest.fixture(scope="session")
async def gated(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gated]:
    path: Path = tmp_path_factory.mktemp("doors")
    main, aside, agents = (SqliteDb(db_file=str(path / f"{name}.db")) for name in ("main", "aside", "agents"))
    flows = Flows(main)
    gate = Step(name="pay", executor=lambda given: "42 000", human_review=HumanReview(requires_confirmation=True))
    served_too, other = (Workflow(name=name, db=aside, steps=[gate]) for name in ("aside", "payroll"))
    seen = [flows.all["plain"], flows.all["confirm"], served_too]
    bench = Bench(await Client.connect(server), f"doors-{uuid.uuid4()}")
    agent = caller(name="ops", id="ops", db=agents)
    config = AuthorizationConfig(verification_keys=[SECRET], algorithm="HS256")
    options = {"agents": [agent], "authorization": True, "authorization_config": config}
    app = agent_os([bench.durable(one) for one in seen], main, **options).get_app()
    async with bench.worker(*seen, other), served(app) as url, patient(url) as http:
        yield Gated(Site(url, flows, http), bench, {str(one.name): one for one in (*seen, other)})


async def joined(gated: Gated, scopes: list[str], **message: Any) -> list[str]:
    """What a socket is told that joins a run again."""
    async with opened(gated.site) as socket:
        await say(socket, "authenticate", token=token_of("bob", scopes))
        await say(socket, "reconnect", **message)
        told = told_names(await hear(socket))
        return [name for name in told if name not in ("connected", "authenticated")]


async def resumed(gated: Gated, scopes: list[str], path: str) -> list[str]:
    return names(await as_user(gated.site, "bob", scopes).stream(f"{path}/resume"))


@pytest.mark.parametrize("workflow", ["aside", "payroll"], ids=["served", "not-served"])
async def test_a_route_resumes_no_run_of_another_workflow(gated: Gated, workflow: str) -> None:
    run = await gated.made(workflow)
    assert await resumed(gated, PLAIN, place({**run, "workflow_id": "plain"})) == ["error"]


async def test_a_route_of_an_agent_resumes_no_durable_run(gated: Gated) -> None:
    run = await gated.made("confirm")
    assert await resumed(gated, AGENT, f"/agents/ops/runs/{run['run_id']}") == ["error"]


async def test_a_route_resumes_its_own_workflows_run_that_this_server_has_not_seen(gated: Gated) -> None:
    told = await resumed(gated, CONFIRM, place(await gated.made("confirm")))
    assert (told[0], told[-1]) == ("replay", "WorkflowPaused")


@pytest.mark.parametrize("workflow", ["aside", "payroll"], ids=["served", "not-served"])
async def test_a_socket_joins_no_run_of_another_workflow(gated: Gated, workflow: str) -> None:
    run = await gated.made(workflow)
    assert await joined(gated, PLAIN, **{**run, "workflow_id": "plain"}) == ["error"]


async def test_a_socket_joins_no_run_by_the_name_of_a_workflow_that_is_not_served(gated: Gated) -> None:
    assert await joined(gated, ["workflows:run"], **await gated.made("payroll")) == ["error"]


async def test_a_socket_joins_no_ended_run_of_another_workflow_by_its_session(gated: Gated) -> None:
    run = await gated.made("plain")
    assert await joined(gated, CONFIRM, **{**run, "workflow_id": "confirm"}) == ["error"]


async def test_a_socket_that_names_no_workflow_joins_nothing_where_scopes_are_asked_for(gated: Gated) -> None:
    run = await gated.made("confirm")
    assert await joined(gated, ["workflows:run"], run_id=run["run_id"]) == ["error"]


async def test_a_socket_joins_a_run_of_the_workflow_that_it_may_run(gated: Gated) -> None:
    told = await joined(gated, CONFIRM, **await gated.made("confirm"))
    assert (told[0], told[-1]) == ("replay", "WorkflowPaused")


async def test_where_everybody_may_do_everything_a_socket_need_not_name_the_workflow(site: Site) -> None:
    run = await site.paused("confirm", fresh())
    async with opened(site) as socket:
        await say(socket, "reconnect", run_id=run["run_id"])
        assert told_names(await hear(socket))[-1] == "WorkflowPaused"

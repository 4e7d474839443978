"""A factory that makes durable workflows is refused by what it would run, in words that name the way there is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from agno.workflow.factory import WorkflowFactory

from tests.agentos.flows import Flows
from tests.agentos.serving import Site, agent_os, fresh, patient, served
from tests.agentos.test_sockets import hear, opened, say
from tests.support import Bench

DO = "Give AgentOS the DurableWorkflow itself"


@pytest.fixture
async def made(crew: tuple[Bench, Flows]) -> AsyncIterator[Site]:
    bench, flows = crew
    factory = WorkflowFactory(id="confirm", db=flows.db, factory=lambda _: bench.durable(flows.all["confirm"]))
    async with served(agent_os([factory], flows.db).get_app()) as url, patient(url) as http:
        yield Site(url, flows, http)


@pytest.mark.parametrize("form", [{}, {"background": "true"}, {"stream": "true"}], ids=["run", "background", "stream"])
async def test_a_run_is_refused_and_says_what_to_do(made: Site, form: dict[str, str]) -> None:
    answer = await made.run("confirm", mine := fresh(), **form)
    assert (answer.status_code, DO in answer.text) == (500, True)
    assert made.flows.ran[f"{mine}/before"] == 0


async def test_a_continue_is_refused_and_says_what_to_do(made: Site, site: Site) -> None:
    run = await site.paused("confirm", fresh())
    answer = await made.go_on(run, {"step_id": run["step_requirements"][0]["step_id"], "confirmed": True})
    assert (answer.status_code, DO in answer.text) == (500, True)
    assert (await site.found(run)).json()["status"] == "PAUSED"


async def test_a_socket_is_told_what_to_do(made: Site) -> None:
    async with opened(made) as socket:
        await say(socket, "start-workflow", workflow_id="confirm", message=fresh())
        assert DO in (await hear(socket))[-1]["error"]

"""Our routes in AgentOS' app: what agno's cannot say is said there, by the callers that AgentOS knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from agno.os.config import AuthorizationConfig
from agno.os.settings import AgnoAPISettings
from fastapi import FastAPI

from agno_temporal.api.agentos import AgentOSAccess
from agno_temporal.api.router import create_router
from agno_temporal.api.service import new_service
from tests.agentos.flows import Flows
from tests.agentos.serving import Site, agent_os, fresh, patient, served
from tests.agentos.test_access import SECRET, as_user
from tests.support import Bench


def together(bench: Bench, flows: Flows, settings: AgnoAPISettings, **options: Any) -> FastAPI:
    workflows = [bench.durable(flows.all[name]) for name in ("failing", "confirm")]
    isolation = options.get("user_isolation", False)
    access = AgentOSAccess(settings)
    service = new_service(workflows, bench.client, task_queue=bench.task_queue, access=access, isolation=isolation)
    base = FastAPI()
    base.include_router(create_router(service))
    return agent_os(workflows, flows.db, base_app=base, settings=settings, **options).get_app()


@pytest.fixture(scope="module")
async def both(crew: tuple[Bench, Flows]) -> AsyncIterator[Site]:
    app = together(*crew, AgnoAPISettings())
    async with served(app) as url, patient(url) as http:
        yield Site(url, crew[1], http)


@pytest.fixture(scope="module")
async def guarded(crew: tuple[Bench, Flows]) -> AsyncIterator[Site]:
    config = AuthorizationConfig(verification_keys=[SECRET], algorithm="HS256")
    how = {"authorization": True, "authorization_config": config, "user_isolation": True}
    async with served(together(*crew, AgnoAPISettings(), **how)) as url, patient(url) as http:
        yield Site(url, crew[1], http)


@pytest.mark.parametrize(("verb", "content"), [("retry", "mended"), ("skip", None)])
async def test_a_failure_is_answered_by_our_routes(both: Site, verb: str, content: str | None) -> None:
    run = await both.paused("failing", fresh())
    [asked] = run["error_requirements"]
    path = f"/v1/runs/{run['run_id']}/requirements/{asked['step_id']}/{verb}"
    answer = await both.http.post(path, json={})
    assert answer.status_code == 200, answer.text
    ended = await both.becomes(run, "COMPLETED")
    assert content is None or ended["step_results"][1]["content"] == content


async def test_agnos_routes_answer_as_before(both: Site) -> None:
    assert (await both.http.get("/workflows/nothing")).json()["detail"] == "Workflow not found"
    assert (await both.http.get("/v1/runs/nobody")).headers["content-type"] == "application/problem+json"
    assert {one["id"] for one in (await both.http.get("/workflows")).json()} == {"failing", "confirm"}


async def test_our_routes_ask_for_agentos_tokens(guarded: Site) -> None:
    assert (await guarded.http.get("/v1/runs")).status_code == 401
    reader = as_user(guarded, "ana", ["workflows:read"])
    assert (await reader.http.get("/v1/runs")).status_code == 200
    run = await as_user(guarded, "ana").paused("confirm", fresh())
    path = f"/v1/runs/{run['run_id']}/requirements/{run['step_requirements'][0]['step_id']}/confirm"
    assert (await reader.http.post(path, json={})).status_code == 403
    assert (await as_user(guarded, "eve", []).http.get("/v1/runs")).status_code == 403


async def test_users_are_kept_apart_and_named_as_agentos_does(guarded: Site, crew: tuple[Bench, Flows]) -> None:
    ana, ben = as_user(guarded, "ana"), as_user(guarded, "ben")
    run = await ana.paused("confirm", fresh())
    path = f"/v1/runs/{run['run_id']}/requirements/{run['step_requirements'][0]['step_id']}/confirm"
    assert (await ben.http.post(path, json={})).status_code == 404
    assert (await ana.http.post(path, json={})).status_code == 200
    await ana.becomes(run, "COMPLETED")
    [asked] = (await crew[0].runs.manifest(run["run_id"])).asked
    assert asked.resolution is not None
    assert asked.resolution.decision.decided_by == "ana"


async def test_a_security_key_is_asked_for_here_too(crew: tuple[Bench, Flows]) -> None:
    app = together(*crew, AgnoAPISettings(os_security_key="open sesame"))
    headers = {"Authorization": "Bearer open sesame"}
    async with served(app) as url, patient(url) as stranger, patient(url, headers=headers) as http:
        assert (await stranger.get("/v1/runs")).status_code == 401
        assert (await http.get("/v1/runs")).status_code == 200

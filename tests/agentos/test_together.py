"""Our routes in AgentOS' app: what agno's cannot say is said there, by the callers that AgentOS knows."""

from __future__ import annotations

import pytest
from agno.os import Authorization
from agno.os.config import AuthorizationConfig
from agno.os.settings import AgnoAPISettings

from tests.agentos.callers import ADMIN, SECRET, apart, as_user
from tests.agentos.flows import Flows
from tests.agentos.serving import Site, fresh, patient, served, together
from tests.support import Bench


@pytest.mark.parametrize(("verb", "content"), [("retry", "mended"), ("skip", None)])
async def test_a_failure_is_answered_by_our_routes(site: Site, verb: str, content: str | None) -> None:
    run = await site.paused("failing", fresh())
    [asked] = run["error_requirements"]
    path = f"/v1/runs/{run['run_id']}/requirements/{asked['step_id']}/{verb}"
    answer = await site.http.post(path, json={})
    assert answer.status_code == 200, answer.text
    ended = await site.becomes(run, "COMPLETED")
    assert content is None or ended["step_results"][1]["content"] == content


async def test_agnos_routes_answer_as_before(site: Site) -> None:
    assert (await site.http.get("/workflows/nothing")).json()["detail"] == "Workflow not found"
    assert (await site.http.get("/v1/runs/nobody")).headers["content-type"] == "application/problem+json"
    assert {one["id"] for one in (await site.http.get("/workflows")).json()} == set(site.flows.all)


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


async def test_where_only_agentos_keeps_users_apart_ours_let_nobody_in_but_admins(crew: tuple[Bench, Flows]) -> None:
    bench, flows = crew
    app = together(bench, [flows.all["confirm"]], flows.db, AgnoAPISettings(), **apart(), isolation=False)
    async with served(app) as url, patient(url) as http:
        site = Site(url, flows, http)
        run = await as_user(site, "ana").paused("confirm", fresh())
        for path in ("/v1/runs", f"/v1/runs/{run['run_id']}", "/v1/requirements", "/v1/metrics"):
            answer = await as_user(site, "ben").http.get(path)
            assert (answer.status_code, answer.json()["type"]) == (403, "forbidden")
            assert "isolation=True" in answer.json()["detail"]
        assert (await as_user(site, "root", ["agent_os:admin"]).http.get("/v1/runs")).status_code == 200


async def test_where_agentos_goes_by_roles_a_token_s_scopes_open_nothing(crew: tuple[Bench, Flows]) -> None:
    bench, flows = crew
    roles = Authorization(db=flows.db, verification_keys=[SECRET], algorithm="HS256")
    roles.define_role("runner", ["workflows:*:read", "workflows:*:run"])
    roles.define_role("reader", ["workflows:*:read"])
    roles.define_role("nobody", ["sessions:read"], default=True)
    roles.assign("ana", "runner")
    roles.assign("rea", "reader")
    app = together(bench, [flows.all["confirm"]], flows.db, AgnoAPISettings(), authorization=roles)
    async with served(app) as url, patient(url) as http:
        site = Site(url, flows, http)
        ana, rea, eve = as_user(site, "ana", []), as_user(site, "rea", []), as_user(site, "eve", ADMIN)
        run = await ana.paused("confirm", fresh())
        path = f"/v1/runs/{run['run_id']}"
        confirm = f"{path}/requirements/{run['step_requirements'][0]['step_id']}/confirm"
        assert [(await one.http.get(path)).status_code for one in (eve, rea, ana)] == [403, 200, 200]
        assert [(await one.http.post(confirm, json={})).status_code for one in (eve, rea, ana)] == [403, 403, 200]


async def test_only_the_admin_scope_that_agentos_has_makes_an_admin(crew: tuple[Bench, Flows]) -> None:
    bench, flows = crew
    config = AuthorizationConfig(verification_keys=[SECRET], algorithm="HS256", admin_scope="root:all")
    options = {"authorization": True, "authorization_config": config}
    app = together(bench, [flows.all["confirm"]], flows.db, AgnoAPISettings(), **options)
    async with served(app) as url, patient(url) as http:
        site = Site(url, flows, http)
        assert (await as_user(site, "eve", ADMIN).http.get("/v1/runs")).status_code == 403
        assert (await as_user(site, "root", ["root:all"]).http.get("/v1/runs")).status_code == 200


@pytest.mark.slow
async def test_a_security_key_opens_both(crew: tuple[Bench, Flows]) -> None:
    bench, flows = crew
    app = together(bench, [flows.all["confirm"]], flows.db, AgnoAPISettings(os_security_key="open sesame"))
    headers = {"Authorization": "Bearer open sesame"}
    async with served(app) as url, patient(url) as stranger, patient(url, headers=headers) as http:
        assert (await stranger.get("/v1/runs")).status_code == 401
        assert (await Site(url, flows, stranger).run("confirm", fresh())).status_code == 401
        assert (await http.get("/v1/runs")).status_code == 200
        site = Site(url, flows, http)
        run = await site.paused("confirm", fresh())
        answer = {"step_id": run["step_requirements"][0]["step_id"], "confirmed": True}
        assert (await site.go_on(run, answer)).json()["status"] == "COMPLETED"

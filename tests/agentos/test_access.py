"""AgentOS' own authorisation holds for durable workflows: keys, tokens, scopes, and users apart from each other."""

from __future__ import annotations

from tests.agentos.callers import ADMIN, as_user
from tests.agentos.flows import Flows
from tests.agentos.serving import Site, fresh, place
from tests.support import Bench


async def test_without_a_token_nothing_is_answered(guarded: Site) -> None:
    assert (await guarded.run("plain", fresh())).status_code == 401
    assert (await guarded.http.get("/workflows")).status_code == 401
    assert (await guarded.http.get("/approvals")).status_code == 401


async def test_without_the_scope_nothing_runs(guarded: Site) -> None:
    reader = as_user(guarded, "ana", ["workflows:read"])
    mine = fresh()
    assert (await reader.run("plain", mine)).status_code == 403
    assert guarded.flows.ran[f"{mine}/before"] == 0


async def test_the_user_of_a_run_is_who_the_token_says(guarded: Site) -> None:
    ana = as_user(guarded, "ana")
    run = await ana.paused("confirm", fresh(), user_id="ben")
    assert run["user_id"] == "ana"


async def test_the_decider_is_who_the_token_says(guarded: Site, crew: tuple[Bench, Flows]) -> None:
    ana = as_user(guarded, "ana")
    run = await ana.paused("confirm", fresh())
    answer = {"step_id": run["step_requirements"][0]["step_id"], "confirmed": True}
    assert (await ana.go_on(run, answer, user_id="ben")).json()["status"] == "COMPLETED"
    manifest = await crew[0].runs.manifest(run["run_id"])
    [asked] = manifest.asked
    assert asked.resolution is not None
    assert asked.resolution.decision.decided_by == "ana"


async def test_one_users_run_is_hidden_from_another(guarded: Site) -> None:
    ana, ben = as_user(guarded, "ana"), as_user(guarded, "ben")
    run = await ana.paused("confirm", mine := fresh())
    answer = {"step_id": run["step_requirements"][0]["step_id"], "confirmed": True}
    query = {"session_id": run["session_id"]}
    assert (await ben.found(run)).status_code == 404
    assert (await ben.go_on(run, answer)).status_code == 404
    assert (await ben.http.post(f"{place(run)}/resume", data=query)).status_code == 404
    assert (await ben.http.post(f"{place(run)}/cancel", params=query)).status_code == 404
    assert (await ben.http.get("/workflows/confirm/runs", params=query)).status_code == 404
    assert (await ben.run("confirm", mine, run_id=run["run_id"])).status_code == 409
    assert (await ana.found(run)).json()["status"] == "PAUSED"
    assert guarded.flows.ran[f"{mine}/gate"] == 0


async def test_a_user_goes_on_and_cancels_in_its_own_session(guarded: Site) -> None:
    ana = as_user(guarded, "ana")
    run = await ana.paused("confirm", fresh())
    told = await ana.stream(f"{place(run)}/resume", session_id=run["session_id"])
    assert told[-1][0] == "WorkflowPaused"
    await ana.http.post(f"{place(run)}/cancel", params={"session_id": run["session_id"]})
    await ana.becomes(run, "CANCELLED")


async def test_approvals_are_seen_by_their_user_and_resolved_by_an_admin(guarded: Site) -> None:
    ana, ben, boss = as_user(guarded, "ana"), as_user(guarded, "ben"), as_user(guarded, "boss", ADMIN)
    run = await ana.paused("confirm", fresh())
    query = {"run_id": run["run_id"]}
    [row] = (await ana.http.get("/approvals", params=query)).json()["data"]
    assert (await ben.http.get("/approvals", params=query)).json()["data"] == []
    path, body = f"/approvals/{row['id']}/resolve", {"status": "approved", "resolved_by": "somebody else"}
    assert (await ana.http.post(path, json=body)).status_code in (403, 404)
    assert (await ana.found(run)).json()["status"] == "PAUSED"
    assert (await boss.http.post(path, json=body)).json()["resolved_by"] == "boss"
    await ana.becomes(run, "COMPLETED")

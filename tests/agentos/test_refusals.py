"""What AgentOS answers to a request that changes nothing: nothing runs twice, and no gate opens."""

from __future__ import annotations

import asyncio

import pytest

from tests.agentos.serving import Site, fresh, place
from tests.support import eventually


async def test_one_run_id_is_one_run(site: Site) -> None:
    mine = fresh()
    first = await site.run("confirm", mine, run_id=mine)
    again = await site.run("confirm", mine, run_id=mine)
    assert (first.json()["run_id"], again.json()["run_id"]) == (mine, mine)
    assert again.json()["session_id"] == first.json()["session_id"]
    assert site.flows.ran[f"{mine}/before"] == 1


async def test_the_run_id_of_a_background_run_is_kept(site: Site) -> None:
    mine = fresh()
    for _ in range(2):
        answer = await site.run("plain", mine, run_id=mine, background="true")
        assert answer.json()["run_id"] == mine
    await site.becomes({**answer.json(), "workflow_id": "plain"}, "COMPLETED")
    assert site.flows.ran[f"{mine}/before"] == 1


async def test_another_request_under_a_run_id_is_a_conflict(site: Site) -> None:
    mine = fresh()
    await site.paused("confirm", mine, run_id=mine)
    answer = await site.run("confirm", fresh(), run_id=mine)
    assert (answer.status_code, mine in answer.text) == (409, True)


async def test_a_field_that_no_run_takes_is_refused_by_name(site: Site) -> None:
    answer = await site.run("plain", fresh(), dead_line="soon")
    assert (answer.status_code, "dead_line" in answer.text) == (400, True)


@pytest.mark.parametrize(("field", "value"), [("run_id", "a" * 2_000), ("session_state", "[1]")])
async def test_a_field_of_no_use_is_refused_with_the_reason(site: Site, field: str, value: str) -> None:
    answer = await site.run("plain", fresh(), **{field: value})
    assert (answer.status_code, field.replace("_id", "'s id") in answer.text) == (400, True), answer.text


async def test_an_answer_to_nothing_is_refused(site: Site) -> None:
    run = await site.paused("confirm", fresh())
    answer = await site.go_on(run, {"step_id": None, "confirmed": True})
    assert answer.status_code in (400, 409), answer.text


async def test_continuing_twice_at_once_runs_the_step_once(site: Site) -> None:
    run = await site.paused("confirm", asked := fresh())
    step_id = run["step_requirements"][0]["step_id"]
    answers = [{"step_id": step_id, "confirmed": True}, {"step_id": step_id, "confirmed": True}] * 2
    statuses = sorted(one.status_code for one in await asyncio.gather(*(site.go_on(run, one) for one in answers)))
    assert (statuses[0], set(statuses[1:])) == (200, {409})
    assert site.flows.ran[f"{asked}/gate"] == 1


async def test_a_run_that_has_ended_is_not_continued(site: Site) -> None:
    run = await site.paused("confirm", fresh())
    answer = {**run["step_requirements"][0], "confirmed": True}
    await site.go_on(run, answer)
    again = await site.go_on(run, answer)
    assert (again.status_code, again.json()["detail"]) == (409, "run is already completed")


async def test_a_click_meant_for_an_earlier_attempt_decides_nothing(site: Site) -> None:
    first = await site.paused("review", asked := fresh())
    stale = first["step_requirements"][0]
    await site.go_on(first, {**stale, "confirmed": False})
    answer = await site.go_on(first, {**stale, "confirmed": True})
    assert (answer.status_code, "asks anew" in answer.text) == (409, True)
    assert site.flows.ran[f"{asked}/after"] == 0


TAMPERED: list[dict[str, object]] = [
    {"requires_confirmation": False},
    {"requires_confirmation": False, "requires_user_input": True, "user_input": {"a": 1}},
    {"timeout_at": "2000-01-01T00:00:00+00:00", "on_timeout": "approve"},
    {"step_id": "whatever", "confirmed": True},
]


async def test_a_client_that_rewrites_the_question_opens_no_gate(site: Site) -> None:
    run = await site.paused("confirm", asked := fresh())
    for tampered in TAMPERED:
        answer = await site.go_on(run, {**run["step_requirements"][0], **tampered})
        assert answer.status_code in (400, 409), (tampered, answer.text)
    assert (await site.found(run)).json()["status"] == "PAUSED"
    assert site.flows.ran[f"{asked}/gate"] == 0


async def test_a_client_that_changes_what_a_rejection_does_changes_nothing(site: Site) -> None:
    run = await site.paused("review", asked := fresh())
    changed = {**run["step_requirements"][0], "confirmed": False, "on_reject": "skip"}
    assert (await site.go_on(run, changed)).json()["status"] == "PAUSED"
    assert site.flows.ran[f"{asked}/gate"] == 2


@pytest.mark.parametrize("requirements", [[], None])
async def test_continuing_without_an_answer_opens_no_gate(site: Site, requirements: list[object] | None) -> None:
    run = await site.paused("confirm", fresh())
    form = {} if requirements is None else {"step_requirements": "[]"}
    data = {"session_id": run["session_id"], "stream": "false", **form}
    answer = await site.http.post(f"{place(run)}/continue", data=data)
    assert (answer.status_code, "unresolved step requirements" in answer.text) == (400, True)


async def test_a_form_that_is_filled_in_wrong_names_its_fields(site: Site) -> None:
    run = await site.paused("form", fresh())
    wrong = {"step_id": run["step_requirements"][0]["step_id"], "user_input": {"region": 1, "copies": "many"}}
    answer = await site.go_on(run, wrong)
    assert answer.status_code == 400
    assert "region" in answer.text
    assert "copies" in answer.text


async def test_a_paused_run_is_cancelled_at_once(site: Site) -> None:
    run = await site.paused("confirm", fresh())
    assert (await site.http.post(f"{place(run)}/cancel")).json() == {}
    ended = await site.becomes(run, "CANCELLED")
    assert ended["cancellation_stage"] == "PAUSED"
    answer = await site.go_on(run, {**run["step_requirements"][0], "confirmed": True})
    assert (answer.status_code, answer.json()["detail"]) == (409, "run is already cancelled")


async def test_a_running_run_is_cancelled(site: Site) -> None:
    mine = fresh()
    answer = await site.run("slow", mine, background="true")

    async def slow() -> bool:
        return site.flows.ran[f"{mine}/slow"] > 0

    await eventually("the slow step to begin", slow)
    run = {**answer.json(), "workflow_id": "slow"}
    await site.http.post(f"{place(run)}/cancel")
    await site.becomes(run, "CANCELLED")


async def test_a_run_that_is_not_there(site: Site) -> None:
    nobody = {"workflow_id": "confirm", "run_id": "nobody", "session_id": "nowhere"}
    assert (await site.found(nobody)).status_code == 404
    assert (await site.go_on(nobody, {"step_id": "x", "confirmed": True})).status_code == 404
    assert (await site.http.post(f"{place(nobody)}/cancel")).status_code == 200


async def test_the_run_of_another_workflow_is_neither_found_nor_touched(site: Site) -> None:
    run = {**await site.paused("confirm", fresh()), "workflow_id": "review"}
    assert (await site.found(run)).status_code == 404
    answer = {"step_id": run["step_requirements"][0]["step_id"], "confirmed": True}
    assert (await site.go_on(run, answer)).status_code == 404
    await site.http.post(f"{place(run)}/cancel")
    assert (await site.found({**run, "workflow_id": "confirm"})).json()["status"] == "PAUSED"

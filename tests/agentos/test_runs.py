"""Runs over AgentOS' own routes: each kind of pause, asked and answered in agno's JSON."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from tests.agentos.flows import Flows
from tests.agentos.serving import Site, fresh
from tests.support import Bench


def only(run: dict[str, Any]) -> dict[str, Any]:
    [one] = [one for one in run["step_requirements"] if "confirmed" not in one or one["confirmed"] is None]
    return one


async def test_a_run_is_its_result(site: Site) -> None:
    answer = await site.run("plain", fresh())
    assert (answer.status_code, answer.json()["status"]) == (200, "COMPLETED")
    assert answer.json()["content"] == "after ran 1"


@pytest.mark.parametrize("stream", ["true", "false"])
async def test_the_additional_data_of_a_form_are_json(site: Site, stream: str) -> None:
    form = {"session_id": fresh(), "additional_data": '{"z": 1}', "stream": stream}
    answer = await site.run("told", "go", **form)
    assert answer.status_code == 200, answer.text
    [run] = (await site.http.get(f"/sessions/{form['session_id']}/runs", params={"type": "workflow"})).json()
    assert run["step_results"][1]["content"] == "{'z': 1}"


@pytest.mark.parametrize("given", ["{z: 1}", "[1]", "1"])
async def test_additional_data_that_are_no_object_are_refused(site: Site, given: str) -> None:
    answer = await site.run("told", "go", additional_data=given)
    assert answer.status_code == 400
    assert "additional_data is an object, not " in answer.text


async def test_a_step_is_confirmed(site: Site) -> None:
    run = await site.paused("confirm", asked := fresh())
    answer = await site.go_on(run, {**only(run), "confirmed": True})
    assert (answer.status_code, answer.json()["status"]) == (200, "COMPLETED")
    assert site.flows.ran[f"{asked}/gate"] == 1


async def test_a_step_is_rejected(site: Site) -> None:
    run = await site.paused("confirm", asked := fresh())
    answer = await site.go_on(run, {**only(run), "confirmed": False})
    assert answer.json()["status"] == "COMPLETED"
    assert site.flows.ran[f"{asked}/gate"] == 0


async def test_a_form_is_filled_in(site: Site) -> None:
    run = await site.paused("form", fresh())
    answer = await site.go_on(run, {**only(run), "user_input": {"region": "us", "copies": 2}})
    assert answer.json()["status"] == "COMPLETED"
    assert answer.json()["step_requirements"][0]["user_input"] == {"region": "us", "copies": 2}


async def test_a_draft_is_sent_back_and_then_edited(site: Site) -> None:
    run = await site.paused("review", asked := fresh())
    answer = await site.go_on(run, {**only(run), "confirmed": False, "rejection_feedback": "shorter"})
    run = answer.json()
    assert (run["status"], only(run)["rejection_feedback"]) == ("PAUSED", "shorter")
    answer = await site.go_on(
        run, *run["step_requirements"][:-1], {**only(run), "confirmed": True, "edited_output": "x"}
    )
    assert answer.json()["status"] == "COMPLETED", answer.text
    assert [one["content"] for one in answer.json()["step_results"]] == ["before ran 1", "x", "after ran 1"]
    assert site.flows.ran[f"{asked}/gate"] == 2


async def test_a_route_is_chosen(site: Site) -> None:
    run = await site.paused("route", asked := fresh())
    answer = await site.go_on(run, {**only(run), "selected_choices": ["south"]})
    assert answer.json()["status"] == "COMPLETED"
    assert (site.flows.ran[f"{asked}/south"], site.flows.ran[f"{asked}/north"]) == (1, 0)


async def test_a_tool_is_confirmed(site: Site) -> None:
    run = await site.paused("tools", fresh())
    [tool] = only(run)["executor_requirements"]
    tool = {**tool, "confirmation": True, "tool_execution": {**tool["tool_execution"], "confirmed": True}}
    answer = await site.go_on(run, {**only(run), "executor_requirements": [tool]})
    assert answer.json()["status"] == "COMPLETED", answer.text
    assert answer.json()["step_results"][1]["content"] == "got dropped users"


async def test_of_two_open_gates_each_is_answered_by_itself(site: Site) -> None:
    run = await site.paused("both", asked := fresh())
    left, right = sorted(run["step_requirements"], key=lambda one: one["step_name"])
    run = (await site.go_on(run, {**right, "confirmed": True})).json()
    assert run["status"] == "PAUSED"
    assert site.flows.ran[f"{asked}/right"] == 1
    answer = await site.go_on(run, {"step_id": left["step_id"], "confirmed": True})
    assert answer.json()["status"] == "COMPLETED"
    assert site.flows.ran[f"{asked}/left"] == 1


@pytest.mark.parametrize(
    ("workflow", "answer"),
    [
        ("confirm", {"confirmed": True}),
        ("form", {"user_input": {"region": "us"}}),
        ("route", {"selected_choices": ["north"]}),
        ("tools", {"confirmed": True}),
        ("failing", {"confirmed": True}),
    ],
)
async def test_an_id_and_an_answer_suffice(site: Site, workflow: str, answer: dict[str, Any]) -> None:
    run = await site.paused(workflow, fresh())
    [one] = [*run.get("step_requirements", ()), *run.get("error_requirements", ())]
    ended = await site.go_on(run, {"step_id": one["step_id"], **answer})
    assert (ended.status_code, ended.json().get("status")) == (200, "COMPLETED"), ended.text


async def test_a_failure_cannot_be_rejected_and_says_who_leaves_it_out(site: Site) -> None:
    run = await site.paused("failing", fresh())
    [one] = run["error_requirements"]
    answer = await site.go_on(run, {"step_id": one["step_id"], "confirmed": False})
    assert answer.status_code == 400
    assert f"/requirements/{one['step_id']}/skip" in answer.text


async def test_a_run_that_fails_is_a_run_with_an_error(site: Site) -> None:
    answer = await site.run("broken", fresh())
    assert (answer.status_code, answer.json()["status"]) == (200, "ERROR")
    assert "the disk is full" in answer.json()["content"]


async def test_a_background_run_is_found_at_once_and_followed(site: Site) -> None:
    answer = await site.run("confirm", fresh(), background="true")
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    run = {**answer.json(), "workflow_id": "confirm"}
    assert (await site.found(run)).status_code == 200
    run = await site.becomes(run, "PAUSED")
    assert only(run)["confirmation_message"] == "Deploy?"


async def test_the_runs_of_a_session_are_listed(site: Site) -> None:
    run = await site.paused("confirm", fresh())
    ended = (await site.run("confirm", fresh(), session_id=run["session_id"])).json()
    query = {"session_id": run["session_id"]}
    listed = await site.http.get("/workflows/confirm/runs", params={**query, "status": "PAUSED"})
    assert [one["run_id"] for one in listed.json()] == [run["run_id"], ended["run_id"]]
    sessions = await site.http.get("/sessions", params={"type": "workflow", "limit": 100})
    assert run["session_id"] in [one["session_id"] for one in sessions.json()["data"]]
    runs = await site.http.get(f"/sessions/{run['session_id']}/runs", params={"type": "workflow"})
    assert [one["run_id"] for one in runs.json()] == [run["run_id"], ended["run_id"]]


async def test_a_run_of_another_queue_is_nobody_s_to_cancel(site: Site, crew: tuple[Bench, Flows]) -> None:
    other = Bench(crew[0].client, f"other-{fresh()}")
    run_id = await other.start(site.flows.all["plain"], "in")
    await site.http.post(f"/workflows/plain/runs/{run_id}/cancel")
    handle = other.client.get_workflow_handle(run_id)
    asked = [one async for one in handle.fetch_history_events() if "CANCEL" in EventType.Name(one.event_type)]
    assert asked == []
    await handle.terminate()

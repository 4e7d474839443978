"""Every action on every kind of question, through HTTP: what each takes, does and records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from agno.tools import tool
from agno.workflow import Router, Step, Workflow
from agno.workflow.types import HumanReview

from tests.api.deciding import Api, api_over, decided, opened, problem
from tests.running.executor_scenes import tool_scene
from tests.running.scenes import GATES, scene
from tests.running.tools import deciders
from tests.support import Bench
from tests.tool_script import caller


@pytest.fixture
async def api(bench: Bench) -> AsyncIterator[Api]:
    async with api_over(bench.client, bench.task_queue) as api:
        yield api


STEPS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("confirmation", "confirm", {}, ["before", "gate", "after"]),
    ("confirmation", "reject", {"feedback": "no"}, ["before", "after"]),
    ("input", "input", {"values": {"region": "us"}}, ["before", "gate", "after"]),
    ("input", "reject", {}, ["before", "after"]),
    ("confirmation with input", "confirm", {"values": {"region": "us", "copies": None}}, ["before", "gate", "after"]),
    ("review", "confirm", {"note": "fine"}, ["before", "gate", "after"]),
    ("review", "edit", {"output": {"z": [1], "a": {"$type": "set"}}}, ["before", "gate", "after"]),
    ("review", "reject", {}, ["before", "gate", "after"]),
]


@pytest.mark.parametrize(("gate", "action", "body", "ran"), STEPS, ids=[f"{one[0]}: {one[1]}" for one in STEPS])
async def test_a_step(bench: Bench, api: Api, gate: str, action: str, body: dict[str, Any], ran: list[str]) -> None:
    at = scene(**GATES[gate])
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        record = decided(await api.decide(run_id, requirement_id, action, body))
        run = await bench.ended(run_id)

    said = {"output": "edited_output", "note": "feedback"}
    assert (record["action"], record["decided_by"]) == (action, "ana")
    assert {name: record[said.get(name, name)] for name in body} == body
    assert (run.status, at.ran, deciders(run)) == ("COMPLETED", ran, ["ana"])


async def test_an_edited_output_is_what_was_sent_and_no_object_of_ours(bench: Bench, api: Api) -> None:
    edited = {"z": 1, "$type": "dict", "items": [["a", 1]]}
    at = scene(**GATES["review"])
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        decided(await api.decide(run_id, requirement_id, "edit", {"output": edited}))
        await bench.ended(run_id)

    assert (await bench.runs.run_output(run_id)).content == f"after [{edited}]"


async def test_values_are_what_was_sent_and_no_object_of_ours(bench: Bench, api: Api) -> None:
    values = {"plan": {"z": 1, "$type": "no-such-type"}, "a": [{"$type": "set", "items": [1]}]}
    at = scene(requires_user_input=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        record = decided(await api.decide(run_id, requirement_id, "input", {"values": values}))
        await bench.ended(run_id)

    assert at.filled_in == [values]
    assert record["values"] == values


@pytest.mark.parametrize("output", [None, "", [], 0, False])
async def test_any_output_but_none_at_all_may_stand_in_for_one(bench: Bench, api: Api, output: Any) -> None:
    at = scene(**GATES["review"])
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answer = await api.decide(run_id, requirement_id, "edit", {"output": output})
    if output is None:
        assert problem(answer, 422, "invalid-input")["errors"] == [{"field": "output", "message": "is required"}]
    else:
        assert decided(answer)["edited_output"] == output


@pytest.mark.parametrize(("action", "status"), [("retry", "COMPLETED"), ("skip", "COMPLETED")])
async def test_a_failure(bench: Bench, api: Api, action: str, status: str) -> None:
    tries: list[int] = []

    def work(step_input: Any) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("no such release")
        return "done"

    step = Step(name="work", executor=work, max_retries=0, human_review=HumanReview(on_error="pause"))
    workflow = Workflow(name="failing", steps=[step])
    async with bench.worker(workflow):
        run_id, requirement_id = await opened(bench, workflow)
        refused = await api.decide(run_id, requirement_id, "confirm")
        record = decided(await api.decide(run_id, requirement_id, action))
        run = await bench.ended(run_id)

    assert problem(refused, 422, "action-not-allowed")["actions"] == ["retry", "skip"]
    assert (record["action"], run.status, len(tries)) == (action, status, 2 if action == "retry" else 1)


async def test_several_routes_in_their_order_with_values(bench: Bench, api: Api) -> None:
    ran: list[str] = []

    def step(name: str) -> Step:
        return Step(name=name, executor=lambda _: ran.append(name) or name)

    review = HumanReview(requires_user_input=True, allow_multiple_selections=True)
    way = Router(name="way", choices=[step("left"), step("right"), step("up")], human_review=review)
    workflow = Workflow(name="routed", steps=[way])
    async with bench.worker(workflow):
        run_id, requirement_id = await opened(bench, workflow)
        record = decided(await api.decide(run_id, requirement_id, "select", {"routes": ["up", "left"]}))
        await bench.ended(run_id)

    assert record["selected"] == ran == ["up", "left"]


@pytest.mark.parametrize("action", ["confirm", "reject", "answer"])
async def test_tools_that_ask_for_a_confirmation(bench: Bench, api: Api, action: str) -> None:
    at = tool_scene([("drop", {"table": "users"}), ("drop", {"table": "orders"})])
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        one, two = (await api.requirements(run_id))["pending"][0]["tools"]
        body = {
            "confirm": {},
            "reject": {"feedback": "not on a Friday"},
            "answer": {
                "tools": {
                    one["tool_call_id"]: {"confirmed": True},
                    two["tool_call_id"]: {"confirmed": False, "note": "no"},
                }
            },
        }[action]
        decided(await api.decide(run_id, requirement_id, action, body))
        run = await bench.ended(run_id)

    dropped = {"confirm": ["drop users", "drop orders"], "reject": [], "answer": ["drop users"]}[action]
    assert [what for what in at.ran if what.startswith("drop")] == dropped
    assert run.status == "COMPLETED"


@tool(external_execution=True)
def shell(command: str) -> str:
    """Runs elsewhere."""
    raise AssertionError("never run here")


async def test_a_tool_that_is_run_elsewhere_takes_its_result_and_no_plain_yes(bench: Bench, api: Api) -> None:
    agent = caller([("shell", {"command": "ls"})], tools=[shell])
    workflow = Workflow(name="elsewhere", steps=[Step(name="gate", agent=agent)])
    async with bench.worker(workflow):
        run_id, requirement_id = await opened(bench, workflow)
        [question] = (await api.requirements(run_id))["pending"]
        [call] = question["tools"]
        plain = await api.decide(run_id, requirement_id, "confirm")
        wrong = {call["tool_call_id"]: {"confirmed": True}, "who": {"result": "x"}}
        unfit = await api.decide(run_id, requirement_id, "answer", {"tools": wrong})
        right = {call["tool_call_id"]: {"result": "a.txt"}}
        record = decided(await api.decide(run_id, requirement_id, "answer", {"tools": right}))
        await bench.ended(run_id)

    assert problem(plain, 422, "action-not-allowed")["actions"] == ["answer"]
    fields = [one["field"] for one in problem(unfit, 422, "invalid-input")["errors"]]
    assert fields == [call["tool_call_id"]] * 2 + ["who"]
    assert record["answers"] == right
    assert [*question["answers"]] == ["answer"]

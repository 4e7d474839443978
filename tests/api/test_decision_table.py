"""Each row of the table of decisions, through HTTP: what every combination answers, and that nothing else happens."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from agno.workflow import Loop, Router, Step, Workflow
from agno.workflow.types import HumanReview

from tests.api.deciding import Api, api_over, decided, opened, problem
from tests.running.scenes import FORM, scene
from tests.running.tools import deciders
from tests.support import Bench


@pytest.fixture
async def api(bench: Bench) -> AsyncIterator[Api]:
    async with api_over(bench.client, bench.task_queue) as api:
        yield api


async def test_unknown_run(api: Api) -> None:
    problem(await api.decide("no-such-run", str(uuid.uuid4()), "confirm"), 404, "run-not-found")


async def test_unknown_requirement(bench: Bench, api: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, _ = await opened(bench, at.workflow)
        for unknown in (str(uuid.uuid4()), "x", "x" * 900):
            problem(await api.decide(run_id, unknown, "confirm"), 404, "requirement-not-found")


async def test_what_is_not_open_yet_is_not_approved_beforehand(bench: Bench, api: Api) -> None:
    review = HumanReview(requires_confirmation=True)
    steps = [Step(name=name, executor=lambda _: "", human_review=review) for name in ("first", "second")]
    workflow = Workflow(name="two", steps=steps)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [first] = await bench.paused(run_id)
        later = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{run_id}/1?1"))
        problem(await api.decide(run_id, later, "confirm"), 404, "requirement-not-found")
        decided(await api.decide(run_id, first.requirement.id, "confirm"))
        [second] = await bench.paused(run_id)

    assert second.requirement.id == later


async def test_open_and_a_valid_decision(bench: Bench, api: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        record = decided(await api.decide(run_id, requirement_id, "confirm", {"note": "checked"}))
        run = await bench.ended(run_id)

    assert (record["action"], record["decided_by"], record["feedback"]) == ("confirm", "ana", "checked")
    assert (record["run_id"], record["requirement_id"]) == (run_id, requirement_id)
    assert deciders(run) == ["ana"]
    assert at.ran == ["before", "gate", "after"]


@pytest.mark.parametrize("ended", [False, True])
async def test_the_same_key_and_the_same_body(bench: Bench, api: Api, ended: bool) -> None:
    at = scene(requires_confirmation=True, on_reject="retry")
    action = "confirm" if ended else "reject"
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        first = await api.decide(run_id, requirement_id, action, key="k")
        await (bench.ended if ended else bench.paused)(run_id)
        again = await api.decide(run_id, requirement_id, action, key="k")

    assert decided(first) == decided(again)
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == "k"


@pytest.mark.parametrize("ended", [False, True])
async def test_the_same_key_and_another_body(bench: Bench, api: Api, ended: bool) -> None:
    at = scene(requires_confirmation=True, on_reject="retry")
    action = "confirm" if ended else "reject"
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        record = decided(await api.decide(run_id, requirement_id, action, key="k"))
        await (bench.ended if ended else bench.paused)(run_id)
        other = await api.decide(run_id, requirement_id, action, {"note" if ended else "feedback": "new"}, key="k")

    assert problem(other, 422, "idempotency-key-reused")["winner"]["at"] == record["at"]


async def test_a_refused_decision_does_not_use_up_its_key(bench: Bench, api: Api) -> None:
    at = scene(requires_user_input=True, user_input_schema=FORM)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        problem(await api.decide(run_id, requirement_id, "input", key="k"), 422, "invalid-input")
        decided(await api.decide(run_id, requirement_id, "input", {"values": {"region": "eu"}}, key="k"))


async def test_keys_belong_to_a_principal_and_a_requirement(bench: Bench, api: Api) -> None:
    at = scene(requires_confirmation=True, on_reject="retry")
    async with bench.worker(at.workflow):
        run_id, first = await opened(bench, at.workflow)
        decided(await api.decide(run_id, first, "reject", key="k"))
        [second] = await bench.paused(run_id)
        decided(await api.decide(run_id, second.requirement.id, "confirm", key="k"))
        await bench.ended(run_id)
        lost = await api.decide(run_id, second.requirement.id, "confirm", key="k", by="ben")

    assert problem(lost, 409, "already-decided")["winner"]["decided_by"] == "ana"


async def test_an_id_of_an_earlier_attempt(bench: Bench, api: Api) -> None:
    at = scene("Loop", requires_confirmation=True, on_reject="retry")
    async with bench.worker(at.workflow):
        run_id, first = await opened(bench, at.workflow)
        decided(await api.decide(run_id, first, "reject"))
        [second] = await bench.paused(run_id)
        stale = problem(await api.decide(run_id, first, "confirm", by="ben"), 409, "stale-requirement")

    assert stale["open_requirement_id"] == second.requirement.id
    assert stale["winner"]["action"] == "reject"
    assert at.ran == ["before"]


async def test_an_id_of_an_earlier_iteration(bench: Bench, api: Api) -> None:
    review = HumanReview(requires_confirmation=True)
    gate = Step(name="gate", executor=lambda _: "", human_review=review)
    workflow = Workflow(name="rounds", steps=[Loop(name="loop", steps=[gate], max_iterations=2)])
    async with bench.worker(workflow):
        run_id, first = await opened(bench, workflow)
        decided(await api.decide(run_id, first, "confirm"))
        [second] = await bench.paused(run_id)
        stale = problem(await api.decide(run_id, first, "reject"), 409, "stale-requirement")
        decided(await api.decide(run_id, second.requirement.id, "confirm"))
        await bench.ended(run_id)
        late = problem(await api.decide(run_id, first, "reject"), 409, "already-decided")

    assert stale["open_requirement_id"] == second.requirement.id
    assert late["winner"]["action"] == "confirm"


async def test_a_run_of_somebody_else_is_not_there(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with api_over(bench.client, bench.task_queue, isolation=True) as api, bench.worker(at.workflow):
        run_id = await bench.start(at.workflow, user_id="ana")
        [asked] = await bench.paused(run_id)
        for action in ("confirm", "reject"):
            answer = await api.decide(run_id, asked.requirement.id, action, by="ben of ben")
            problem(answer, 404, "run-not-found")
        problem(await api.get(f"/v1/runs/{run_id}/requirements", by="ben of ben"), 404, "run-not-found")
        record = decided(await api.decide(run_id, asked.requirement.id, "confirm", by="cleo of ana"))

    assert record["decided_by"] == "cleo of ana"


async def test_an_action_that_the_kind_does_not_take(bench: Bench, api: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answer = await api.decide(run_id, requirement_id, "select", {"routes": ["left"]})

    assert problem(answer, 422, "action-not-allowed")["actions"] == ["confirm", "reject"]


async def test_input_that_breaks_the_schema(bench: Bench, api: Api) -> None:
    at = scene(requires_user_input=True, user_input_schema=FORM)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answer = await api.decide(run_id, requirement_id, "input", {"values": {"copies": "two", "colour": "red"}})
        waiting = await bench.paused(run_id)

    assert problem(answer, 422, "invalid-input")["errors"] == [
        {"field": "region", "message": "is required"},
        {"field": "copies", "message": "expected int, got str"},
        {"field": "colour", "message": "is not a field of this form"},
    ]
    assert [one.resolution for one in waiting] == [None]


FORBIDDEN = [
    "deadline", "timeout", "timeout_at", "on_timeout", "policy", "on_reject", "max_retries", "retry_count", "schema",
    "user_input_schema", "decided_by", "actor", "decision_id", "action", "requirement_id", "at", "decided_at",
]  # fmt: skip


async def test_a_body_that_names_what_no_client_may_say(bench: Bench, api: Api) -> None:
    bodies = {"confirm": {}, "reject": {}, "input": {"values": {"region": "eu"}}, "select": {"routes": ["x"]},
              "edit": {"output": "x"}, "retry": {}, "skip": {}, "answer": {"tools": {}}}  # fmt: skip
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        for action, body in bodies.items():
            for name in FORBIDDEN:
                answer = await api.decide(run_id, requirement_id, action, {**body, name: 1})
                [error] = problem(answer, 422, "invalid-request")["errors"]
                assert error["field"] == name
        assert await bench.paused(run_id)


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("confirm", {"note": 1}, "note"),
        ("confirm", {"values": "x"}, "values"),
        ("confirm", {"note": None}, "note"),
        ("answer", {"tools": {"t-1": {"confirmed": "yes"}}}, "tools.t-1.confirmed"),
    ],
)
async def test_what_is_of_the_wrong_type_is_one_error(
    bench: Bench, api: Api, action: str, body: dict[str, Any], field: str
) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        answer = await api.decide(run_id, requirement_id, action, body)

    assert [one["field"] for one in problem(answer, 422, "invalid-request")["errors"]] == [field]


async def test_closed(bench: Bench, api: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        record = decided(await api.decide(run_id, requirement_id, "confirm"))
        winners = [problem(await api.decide(run_id, requirement_id, "reject"), 409, "already-decided")["winner"]]
        await bench.ended(run_id)
        winners += [problem(await api.decide(run_id, requirement_id, "reject"), 409, "already-decided")["winner"]]

    for winner in winners:
        assert (winner["action"], winner["decided_by"], winner["at"]) == ("confirm", "ana", record["at"])


async def test_the_run_was_cancelled(bench: Bench, api: Api) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)
        await bench.runs.cancel(run_id)
        await bench.ended(run_id)
        answer = await api.decide(run_id, requirement_id, "confirm")

    assert problem(answer, 409, "run-closed")["run_status"] == "CANCELLED"


async def test_several_routes_where_one_is_allowed_or_unknown_ones(bench: Bench, api: Api) -> None:
    choices = [Step(name=name, executor=lambda _: "") for name in ("left", "right")]
    way = Router(name="way", choices=choices, human_review=HumanReview(requires_user_input=True))
    workflow = Workflow(name="routed", steps=[way])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
        several = await api.decide(run_id, asked.requirement.id, "select", {"routes": ["left", "right"]})
        unknown = await api.decide(run_id, asked.requirement.id, "select", {"routes": ["up"]})
        record = decided(await api.decide(run_id, asked.requirement.id, "select", {"routes": ["right"]}))

    assert problem(several, 422, "invalid-selection")["choices"] == ["left", "right"]
    assert problem(unknown, 422, "invalid-selection")["errors"] == [
        {"field": "routes", "message": "'up' is not a choice"}
    ]
    assert record["selected"] == ["right"]

"""A workflow is described before anybody runs it: its steps, its questions, its input."""

from __future__ import annotations

from typing import Any

from agno.workflow import Condition, Loop, Router, Step, Workflow
from agno.workflow.types import HumanReview
from pydantic import BaseModel

from agno_temporal import DurableWorkflow
from tests.api.served import problem, release, served
from tests.support import Bench


class Order(BaseModel):
    item: str
    count: int = 1


def step(name: str, **review: Any) -> Step:
    return Step(name=name, executor=lambda given: name, human_review=HumanReview(**review) if review else None)


async def test_the_workflows_are_listed(bench: Bench) -> None:
    async with served(bench, release(), release(name="another one"), worker=False) as api:
        listed = await api.get("/v1/workflows")

    assert [(one["id"], one["name"]) for one in listed["workflows"]] == [
        ("another-one", "another one"),
        ("release", "release"),
    ]


async def test_a_workflow_is_its_tree_and_its_questions(bench: Bench) -> None:
    workflow = Workflow(
        name="tree",
        steps=[
            Loop(name="drafts", steps=[step("draft", requires_output_review=True, timeout=60)], max_iterations=2),
            Condition(name="if it is big", evaluator=True, steps=[step("big")], else_steps=[step("small")]),
            Router(
                name="where",
                choices=[step("here"), step("there")],
                human_review=HumanReview(requires_user_input=True, user_input_message="Where to?"),
            ),
        ],
    )
    async with served(bench, workflow, worker=False) as api:
        steps = (await api.get("/v1/workflows/tree"))["plan"]["steps"]

    loop, condition, router = steps
    [asked] = loop["steps"][0]["asks"]
    assert (asked["kind"], asked["timeout"], asked["sometimes"]) == ("output_review", 60, False)
    assert [(one["kind"], one["name"]) for one in condition["steps"]] == [("branch", "if"), ("branch", "else")]
    assert [one["name"] for one in condition["steps"][1]["steps"]] == ["small"]
    assert [(one["kind"], one["message"]) for one in router["asks"]] == [("route_selection", "Where to?")]


async def test_an_input_schema_is_told_and_enforced_field_by_field(bench: Bench) -> None:
    workflow = Workflow(name="order", input_schema=Order, steps=[step("take")])
    async with served(bench, workflow, worker=False) as api:
        schema = (await api.get("/v1/workflows/order"))["input_schema"]
        answer = await api.http.post("/v1/runs", json={"workflow_id": "order", "input": {"count": "many"}})

    assert schema["required"] == ["item"]
    told = problem(answer, 422, "invalid-input")
    assert [one["field"] for one in told["errors"]] == ["item", "count"]


async def test_an_unknown_workflow_is_none(bench: Bench) -> None:
    async with served(bench, release(), worker=False) as api:
        for path in ("/v1/workflows/other", "/v1/workflows/a/b", "/v1/workflows/%2e%2e%2fetc"):
            problem(await api.http.get(path), 404, "workflow-not-found")


async def test_a_durable_workflow_stands_for_the_one_in_it(bench: Bench) -> None:
    workflow = release()
    async with served(bench, bench.durable(workflow), worker=False) as api:
        assert [one["id"] for one in (await api.get("/v1/workflows"))["workflows"]] == ["release"]
        assert not isinstance(api.service.workflows["release"], DurableWorkflow)

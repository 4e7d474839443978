"""The published description: each address with its name and its problems, so that clients can be made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client

from agno_temporal.api import examples, shapes
from agno_temporal.api.app import create_app
from agno_temporal.api.problems import TITLES
from agno_temporal.api.service import new_service
from tests.api.served import release

ROUTES = {
    "GET /v1/workflows": "list_workflows",
    "GET /v1/workflows/{workflow_id}": "get_workflow",
    "POST /v1/runs": "start_run",
    "GET /v1/runs": "list_runs",
    "GET /v1/runs/{run_id}": "get_run",
    "GET /v1/runs/{run_id}/output": "get_run_output",
    "POST /v1/runs/{run_id}/cancel": "cancel_run",
    "POST /v1/runs/{run_id}/terminate": "terminate_run",
    "DELETE /v1/workflows/{workflow_id}/sessions/{session_id}": "delete_session",
    "POST /v1/runs/{run_id}/unblock": "unblock_run",
    "GET /v1/runs/{run_id}/events": "follow_run",
    "GET /v1/requirements": "list_requirements",
    "GET /v1/runs/{run_id}/requirements": "list_run_requirements",
    "GET /v1/runs/{run_id}/requirements/{requirement_id}": "get_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/confirm": "confirm_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/reject": "reject_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/input": "input_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/select": "select_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/edit": "edit_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/retry": "retry_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/skip": "skip_requirement",
    "POST /v1/runs/{run_id}/requirements/{requirement_id}/answer": "answer_requirement",
    "GET /v1/health": "get_health",
    "GET /v1/ready": "get_readiness",
    "GET /v1/metrics": "get_metrics",
}
"""Persisted in clients: none is renamed, and none goes away."""


@pytest.fixture
async def document() -> dict[str, Any]:
    client = await Client.connect("127.0.0.1:1", lazy=True)
    return create_app(new_service([release()], client)).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_these_are_the_routes(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert {route: one["operationId"] for route, one in operations(document)} == ROUTES


def test_each_says_what_it_does_and_shows_its_answer(document: dict[str, Any]) -> None:
    for route, one in operations(document):
        assert one["summary"], route
        assert one["description"], route
        answered = [body for status, body in one["responses"].items() if status.startswith("2") and status != "204"]
        assert answered, route
        assert all(form["schema"] for body in answered for form in body["content"].values()), route
    assert document["components"]["schemas"]["StartRun"]["examples"]


def test_each_error_is_a_problem_of_a_known_type(document: dict[str, Any]) -> None:
    for route, one in operations(document):
        errors = {status: body for status, body in one["responses"].items() if status >= "4"}
        assert {"401", "403", "422", "500", "503"} <= errors.keys(), route
        for status, body in errors.items():
            [media_type] = body["content"]
            assert media_type == "application/problem+json", route
            for type, example in body["content"][media_type]["examples"].items():
                assert type in TITLES
                assert str(example["value"]["status"]) == status


def test_nothing_of_fastapis_own_errors_is_published(document: dict[str, Any]) -> None:
    assert not [name for name in document["components"]["schemas"] if "ValidationError" in name]


def test_a_body_may_have_nothing_that_is_not_named(document: dict[str, Any]) -> None:
    bodies = [one["requestBody"] for _, one in operations(document) if "requestBody" in one]
    names = [body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2] for body in bodies]
    assert names
    assert all(document["components"]["schemas"][name]["additionalProperties"] is False for name in names)


@pytest.mark.parametrize(
    ("shape", "example"),
    [
        (shapes.WorkflowList, examples.WORKFLOWS),
        (shapes.WorkflowShape, examples.WORKFLOW),
        (shapes.Started, examples.STARTED),
        (shapes.RunList, examples.RUNS),
        (shapes.RunShape, examples.RUN),
        (shapes.Cancelled, examples.CANCELLED),
        (shapes.Terminated, examples.TERMINATED),
        (shapes.Unblocked, examples.UNBLOCKED),
        (shapes.WaitingList, examples.WAITING),
    ],
    ids=lambda it: it.__name__ if isinstance(it, type) else "",
)
def test_the_examples_are_of_the_shapes_that_they_are_shown_with(shape: Any, example: Any) -> None:
    """Held against them here: the document leaves out what is null."""
    shape.model_validate(example, strict=True)

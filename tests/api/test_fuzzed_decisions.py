"""Whatever is sent to a question that really waits: no error of the server's, and each refusal a problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import given, seed, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from agno_temporal.api.decision_bodies import BODIES
from tests.api.live import live
from tests.api.served import release
from tests.api.test_fuzzed import CALM

ACTIONS = [body.ACTION.value for body in BODIES]
FORM = [{"name": "region"}, {"name": "copies", "field_type": "int", "required": False}]


@pytest.fixture(scope="module")
def address(server: str) -> Iterator[str]:
    gate = {"requires_confirmation": True, "requires_user_input": True, "user_input_schema": FORM, "on_reject": "retry"}
    with live(server, [release(**gate)]) as address:
        yield address


@pytest.fixture(scope="module")
def published(address: str) -> Any:
    return schemathesis.openapi.from_url(f"{address}/openapi.json")


@pytest.fixture
def question(address: str) -> dict[str, str]:
    """A question that waits, as the parameters of an address."""
    answer = httpx.post(f"{address}/v1/runs?wait=30", json={"workflow_id": "release"}, timeout=60)
    [waiting] = answer.json()["run"]["pending"]
    return {name: waiting[name] for name in ("run_id", "requirement_id")}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    "action", [pytest.param(one, marks=() if one == "confirm" else pytest.mark.slow) for one in ACTIONS]
)
def test_what_is_sent_to_an_open_question_is_answered(
    published: Any, question: dict[str, str], action: str, mode: GenerationMode
) -> None:
    operation = published.find_operation_by_id(f"{action}_requirement")

    @seed(20)
    @settings(CALM, max_examples=25)
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        case.path_parameters = dict(question)
        response = case.call(timeout=60)
        assert response.status_code < 500, response.text
        if response.status_code >= 400:
            assert response.headers["content-type"][0] == "application/problem+json", response.text
        if mode is GenerationMode.POSITIVE:
            case.validate_response(response, excluded_checks=[positive_data_acceptance])

    each()

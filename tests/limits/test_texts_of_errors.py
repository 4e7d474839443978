"""What is raised may have a text that Temporal would not write: a page long, or no Unicode, as a file's name may be."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from agno.workflow import Condition, Router, Step, Workflow
from agno.workflow.types import HumanReview, StepOutput
from pydantic import BaseModel, field_validator

from agno_temporal.contract.errors import as_unicode
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Action, Decision
from tests.support import Bench

NO_UNICODE = "cannot read caf\udce9.txt"

LONG = "x" * 1_900_000


@pytest.fixture
def unlogged() -> Iterator[None]:
    """What the tests of one process have logged is sent to another as Unicode."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def says(name: str) -> Step:
    return Step(name=name, executor=lambda _: f"{name} ran")


def raises(text: str) -> Any:
    def work(*_: object) -> str:
        raise ValueError(text)

    return work


def test_half_surrogates_are_escaped_and_nothing_else_is() -> None:
    assert as_unicode(f"{NO_UNICODE} é ∞ 😀 \\") == "cannot read caf\\udce9.txt é ∞ 😀 \\"


@pytest.mark.usefixtures("unlogged")
async def test_an_error_that_is_no_unicode_uses_up_its_retries_and_is_asked_about(bench: Bench) -> None:
    tries: list[int] = []

    def fails(_: object) -> str:
        tries.append(1)
        raise ValueError(NO_UNICODE)

    review = HumanReview(on_error="pause")
    workflow = Workflow(name="reads", steps=[Step(name="reads", executor=fails, max_retries=1, human_review=review)])
    async with bench.worker(workflow):
        [asked] = await bench.paused(run_id := await bench.start(workflow))
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.SKIP))
        await bench.ended(run_id)
    assert len(tries) == 2
    assert asked.requirement.error == NO_UNICODE


@pytest.mark.usefixtures("unlogged")
async def test_a_run_that_ends_with_such_an_error_keeps_what_it_did(bench: Bench) -> None:
    def failed(_: object) -> StepOutput:
        return StepOutput(content="x", success=False, error=NO_UNICODE)

    review = HumanReview(on_error="fail")
    workflow = Workflow(name="ends", steps=[says("a"), Step(name="b", executor=failed, human_review=review)])
    async with bench.worker(workflow):
        run = await bench.ended(run_id := await bench.start(workflow))
        output = await bench.runs.run_output(run_id)
    assert run.status == "ERROR"
    assert [step.content for step in output.step_results or ()][:1] == ["a ran"]


@pytest.mark.parametrize(
    "asks",
    [
        Condition(name="asks", evaluator=raises(LONG), steps=[says("b")]),
        Router(name="asks", selector=raises(LONG), choices=[says("b")]),
    ],
    ids=["an evaluator", "a selector"],
)
async def test_a_page_that_a_callable_raises_is_cut_and_the_run_ends(bench: Bench, asks: Any) -> None:
    workflow = Workflow(name="asks", steps=[says("a"), asks])
    async with bench.worker(workflow):
        await bench.ended(run_id := await bench.start(workflow))
        output = await bench.runs.run_output(run_id)
    assert f"({len(LONG)} characters)" in json.dumps(output.to_dict())


async def test_a_page_with_which_a_schema_refuses_is_cut_and_the_run_ends(bench: Bench) -> None:
    class Order(BaseModel):
        text: str

        @field_validator("text")
        @classmethod
        def checked(cls, text: str) -> str:
            raise ValueError(LONG)

    workflow = Workflow(name="orders", steps=[says("a")], input_schema=Order)
    async with bench.worker(workflow):
        await bench.runs.start("orders", RunRequest(input={"text": "short"}), bench.task_queue)
        run = await bench.ended(bench.task_queue)
    assert (run.status, run.error_type) == ("ERROR", "InputInvalid")
    assert "characters)" in (run.content or "")

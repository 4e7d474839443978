"""A step whose output is reviewed, at the top of a workflow: approved, edited, rejected, and run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import HumanReview, Step
from agno.workflow.types import StepInput, StepOutput
from pydantic import BaseModel

from tests.differential.answers import confirm, edit, in_turn, reject
from tests.differential.blocks import agent, fails, flow, says, team, tell, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep


class Draft(BaseModel):
    title: str


def reviewed(on_reject: Any = "retry", asks: Any = True, **options: Any) -> HumanReview:
    return HumanReview(requires_output_review=asks, on_reject=on_reject, **options)


def subject(review: HumanReview, executor: Any = tell) -> Step:
    return Step(name="subject", executor=executor, human_review=review, max_retries=0)


EXECUTORS: dict[str, Callable[[], dict[str, Any]]] = {
    "function": lambda: {"executor": tell},
    "agent": lambda: {"agent": agent()},
    "team": lambda: {"team": team()},
    "nested workflow": lambda: {"workflow": flow(tells("in"), agent(), id="inner")},
}


def of(kind: str, review: HumanReview) -> Step:
    return Step(name="subject", human_review=review, **EXECUTORS[kind]())


@pytest.mark.parametrize("kind", EXECUTORS)
async def test_an_approved_output_stands(oracle_with_db: Oracle, kind: str) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), of(kind, reviewed()), tells("last")), "go", confirm)


@pytest.mark.parametrize("kind", EXECUTORS)
@pytest.mark.parametrize("on_reject", ["skip", "cancel", "else"])
async def test_a_rejected_output(oracle_with_db: Oracle, kind: str, on_reject: str) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), of(kind, reviewed(on_reject)), tells("last")), "go", reject("bad")
    )


@pytest.mark.parametrize("feedback", [None, "shorter"])
@pytest.mark.parametrize("kind", ["function", "agent", "team"])
async def test_a_rejected_output_is_made_again(oracle_with_db: Oracle, kind: str, feedback: str | None) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), of(kind, reviewed()), tells("last")), "go", reject(feedback), confirm
    )


async def test_an_agent_is_told_its_previous_output_and_the_feedback(oracle_with_db: Oracle) -> None:
    seen = await oracle_with_db.agrees(
        lambda: flow(of("agent", reviewed()), tells("last")), "Bees", reject("shorter"), reject("longer"), confirm
    )
    message = seen.stops[-1]["step_executor_runs"][""][-1]["input"]["input_content"]
    assert message == ("Bees\n\nYour previous output:\nAnn (Bees), revised: shorter\n\nFeedback from reviewer:\nlonger")


@pytest.mark.parametrize("limit", [1, 2])
async def test_the_rejection_after_the_last_retry_cancels(oracle_with_db: Oracle, limit: int) -> None:
    seen = await oracle_with_db.agrees(
        lambda: flow(says("first"), subject(reviewed(max_retries=limit)), tells("last")),
        "go",
        *[reject(f"no {attempt}") for attempt in range(limit + 1)],
    )
    assert seen.stops[-1]["content"] == f"Max retries ({limit}) reached for step 'subject'"


@pytest.mark.parametrize("limit", [0, None])
async def test_no_limit(oracle_with_db: Oracle, limit: int | None) -> None:
    await oracle_with_db.agrees(
        lambda: flow(subject(reviewed(max_retries=limit)), tells("last")), "go", *[reject("no")] * 5, confirm
    )


EDITS: dict[str, Any] = {
    "text": "edited",
    "dict": {"b": 1, "a": [None]},
    "list": [1, "two"],
    "number": 5,
    "pydantic model": Draft(title="edited"),
}


@pytest.mark.parametrize("content", EDITS.values(), ids=EDITS)
async def test_an_edited_output(oracle_with_db: Oracle, content: Any) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), subject(reviewed()), tells("last"), agent("Last")), "go", edit(content)
    )


async def test_an_edit_of_the_second_attempt(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), subject(reviewed()), tells("last")), "go", reject("again"), edit("edited")
    )


async def test_an_edit_of_the_last_step_is_the_runs_content(oracle_with_db: Oracle) -> None:
    seen = await oracle_with_db.agrees(lambda: flow(subject(reviewed())), "go", edit("edited"))
    assert seen.stops[-1]["content"] == "edited"


async def test_a_message_of_the_reviews_own(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(subject(reviewed(output_review_message="Good enough?"))), "go", confirm)


async def test_a_review_with_a_timeout(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(subject(reviewed(timeout=60, on_timeout="approve"))), "go", confirm)


async def test_a_failed_output_is_reviewed(oracle_with_db: Oracle) -> None:
    def fail(step_input: StepInput) -> StepOutput:
        return StepOutput(content="c", success=False, error="it did not work")

    await oracle_with_db.agrees(lambda: flow(subject(reviewed(), fail), tells("last")), "go", confirm)


async def test_an_output_that_an_error_left_is_reviewed(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(fails("subject", human_review=reviewed()), tells("last")), "go", confirm)


@pytest.mark.parametrize(
    "predicate",
    [
        lambda output: True,
        lambda output: False,
        lambda output: "go" in output.content,
        lambda output: None,
        lambda output: "yes",
    ],
    ids=["yes", "no", "by content", "None", "text"],
)
async def test_a_predicate(oracle_with_db: Oracle, predicate: Any) -> None:
    asked = predicate(StepOutput(content="go"))
    await oracle_with_db.agrees(
        lambda: flow(subject(reviewed(asks=predicate)), tells("last")), "go", *[confirm] if asked else []
    )


async def test_a_predicate_is_asked_again_after_a_retry(oracle_with_db: Oracle) -> None:
    def revised(output: StepOutput) -> bool:
        return "revised" not in str(output.content)

    await oracle_with_db.agrees(
        lambda: flow(Step(name="s", agent=agent(), human_review=reviewed(asks=revised)), tells()),
        "go",
        reject("shorter"),
    )


@pytest.mark.parametrize("answers", [(confirm, confirm), (confirm, reject("no"), confirm)], ids=["approved", "retried"])
async def test_a_confirmation_before_and_a_review_after(oracle_with_db: Oracle, answers: Any) -> None:
    review = HumanReview(requires_confirmation=True, requires_output_review=True, on_reject="retry")
    await oracle_with_db.agrees(lambda: flow(says("first"), subject(review), tells("last")), "go", *answers)


async def test_confirming_and_editing_at_once(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(subject(reviewed()), tells("last")), "go", in_turn(confirm, edit("edited"))
    )

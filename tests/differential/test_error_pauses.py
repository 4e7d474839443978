"""A step that fails and waits for a human, at the top of a workflow: tried again, or left out."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Condition, HumanReview, Step

from tests.differential.answers import retry, skip
from tests.differential.blocks import fails, flow, says, tells
from tests.differential.oracle import Oracle

PAUSES = HumanReview(on_error="pause")


def failing(times: int | None = None, **options: Any) -> Step:
    return fails("subject", times, human_review=PAUSES, **options)


async def test_a_step_that_is_tried_again_goes_on_where_it_works(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), failing(1), tells("last")), "go", retry)


async def test_a_step_that_fails_again_waits_again(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), failing(2), tells("last")), "go", retry, retry)


async def test_a_step_that_is_skipped_leaves_nothing(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), failing(), tells("last")), "go", skip)


async def test_a_steps_own_retries_come_first(oracle_with_db: Oracle) -> None:
    seen = await oracle_with_db.agrees(lambda: flow(failing(5, max_retries=2), tells("last")), "go", retry)
    assert seen.last.step_results[0].content == "subject works at attempt 6"


async def test_a_step_that_skips_its_failure_does_not_wait(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(failing(skip_on_failure=True), tells("last")), "go")


def condition(*steps: Any, evaluator: Any = True) -> Condition:
    return Condition(name="c", evaluator=evaluator, steps=[*steps], human_review=PAUSES)


@pytest.mark.parametrize("answer", [retry, skip])
async def test_a_condition_waits_for_what_fails_in_it(oracle_with_db: Oracle, answer: Any) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), condition(fails(times=1)), tells("last")), "go", answer)


@pytest.mark.parametrize("answer", [retry, skip])
async def test_a_condition_waits_where_its_evaluator_fails(oracle_with_db: Oracle, answer: Any) -> None:
    def make() -> Any:
        asked: list[Any] = []

        def evaluator(step_input: Any) -> bool:
            asked.append(step_input)
            if len(asked) == 1:
                raise ValueError("cannot say")
            return True

        return flow(says("first"), condition(says("in"), evaluator=evaluator), tells("last"))

    await oracle_with_db.agrees(make, "go", answer)

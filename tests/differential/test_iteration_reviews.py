"""A loop that is reviewed after each iteration: ended, sent on with feedback, dropped, or not asked about at all.

The iterations here have one step: with more, agno resumes at the wrong one (docs/differences.md, D15).
"""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import HumanReview, Loop

from tests.differential.answers import confirm, reject
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle


def loop(*steps: Any, on_reject: str = "retry", confirmed: bool = False, **options: Any) -> Loop:
    review = HumanReview(requires_iteration_review=True, requires_confirmation=confirmed, on_reject=on_reject)
    return Loop(name="rounds", steps=[*steps], human_review=review, **{"max_iterations": 3, **options})


@pytest.mark.parametrize("step", [lambda: tells("in"), agent], ids=["function", "agent"])
async def test_an_accepted_iteration_ends_the_loop(oracle_with_db: Oracle, step: Any) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), loop(step()), tells("last")), "go", confirm)


@pytest.mark.parametrize("feedback", [None, "shorter"])
@pytest.mark.parametrize("step", [lambda: tells("in"), agent], ids=["function", "agent"])
async def test_a_rejected_iteration_is_followed_by_another_which_is_told_why(
    oracle_with_db: Oracle, step: Any, feedback: str | None
) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), loop(step()), tells("last")), "go", reject(feedback), confirm
    )


async def test_nothing_is_asked_after_the_last_iteration(oracle_with_db: Oracle) -> None:
    seen = await oracle_with_db.agrees(lambda: flow(loop(tells("in"))), "go", reject("one"), reject("two"))
    assert seen.last.content.count("'rejection_feedback': 'two'") == 1


@pytest.mark.parametrize("on_reject", ["skip", "cancel", "else"])
async def test_a_rejected_iteration_drops_the_loop_or_the_run(oracle_with_db: Oracle, on_reject: str) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), loop(tells("in"), on_reject=on_reject), tells("last")), "go", reject("no")
    )


async def test_a_loop_that_its_end_condition_ends_is_not_reviewed(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(loop(says("in"), end_condition=lambda outputs: True), tells("last")), "go")


async def test_a_loop_that_a_stop_ends_is_not_reviewed(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(loop(says("in", stop=True)), tells("last")), "go")


async def test_a_loop_of_one_iteration_is_not_reviewed(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(loop(says("in"), max_iterations=1), tells("last")), "go")


async def test_an_end_condition_is_asked_before_the_reviewer(oracle_with_db: Oracle) -> None:
    def enough(outputs: Any) -> bool:
        return "shorter" in outputs[-1].content

    await oracle_with_db.agrees(
        lambda: flow(loop(tells("in"), end_condition=enough), tells("last")), "go", reject("shorter")
    )


async def test_a_loop_may_be_confirmed_and_reviewed(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(loop(tells("in"), confirmed=True), tells("last")), "go", confirm, confirm)

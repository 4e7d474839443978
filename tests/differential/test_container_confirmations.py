"""A container that asks before it runs, at the top of a workflow: confirmed, and rejected in every way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Condition, HumanReview, Loop, Router, Steps

from tests.differential.answers import confirm, reject
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle


def asks(on_reject: str = "skip", **options: Any) -> HumanReview:
    return HumanReview(requires_confirmation=True, on_reject=on_reject, **options)


CONTAINERS: dict[str, Callable[[HumanReview], Any]] = {
    "Steps": lambda review: Steps(name="c", steps=[tells("in"), agent()], human_review=review),
    "Loop": lambda review: Loop(name="c", steps=[tells("in"), agent()], max_iterations=2, human_review=review),
    "Condition": lambda review: Condition(
        name="c", evaluator=True, steps=[tells("in"), agent()], else_steps=[says("other")], human_review=review
    ),
    "Router": lambda review: Router(
        name="c", selector=lambda step_input: "in", choices=[tells("in"), says("other")], human_review=review
    ),
}

of_every_container = pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)


@of_every_container
async def test_a_confirmed_container_runs(oracle_with_db: Oracle, container: Any) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), container(asks("cancel")), tells("last")), "go", confirm)


@of_every_container
@pytest.mark.parametrize("on_reject", ["skip", "cancel"])
async def test_a_rejected_container(oracle_with_db: Oracle, container: Any, on_reject: str) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), container(asks(on_reject)), tells("last")), "go", reject("no")
    )


@pytest.mark.parametrize("else_steps", [[says("other")], None], ids=["with an else branch", "without one"])
async def test_a_rejected_condition_takes_its_else_branch(oracle_with_db: Oracle, else_steps: Any) -> None:
    await oracle_with_db.agrees(
        lambda: flow(
            says("first"),
            Condition(name="c", steps=[says("in")], else_steps=else_steps, human_review=asks("else")),
            tells("last"),
        ),
        "go",
        reject("no"),
    )


@of_every_container
async def test_what_is_asked_can_be_worded(oracle_with_db: Oracle, container: Any) -> None:
    await oracle_with_db.agrees(lambda: flow(container(asks(confirmation_message="Really?"))), "go")


@pytest.mark.parametrize("kind", ["Steps", "Loop", "Router"])
async def test_what_is_asked_without_a_wording(oracle_with_db: Oracle, kind: str) -> None:
    await oracle_with_db.agrees(lambda: flow(CONTAINERS[kind](asks())), "go")


@pytest.mark.parametrize(
    "container",
    [
        lambda: Steps(steps=[says("in")], human_review=asks()),
        lambda: Loop(steps=[says("in")], human_review=asks()),
        lambda: Router(choices=[says("in")], human_review=asks()),
    ],
    ids=["Steps", "Loop", "Router"],
)
async def test_a_container_without_a_name_is_called_by_its_number(oracle_with_db: Oracle, container: Any) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), container()), "go")

"""A router whose routes a human chooses, at first or after a review of what they produced."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import HumanReview, Router

from tests.differential.answers import confirm, reject, select
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle


def router(*choices: Any, selector: Any = None, **review: Any) -> Router:
    steps = choices or (tells("blue"), agent("Green"), [says("one"), tells("two")])
    return Router(name="way", choices=[*steps], selector=selector, human_review=HumanReview(**review))


def chosen(**review: Any) -> Router:
    return router(requires_user_input=True, **review)


@pytest.mark.parametrize("route", ["blue", "Green", "steps_group_2"])
async def test_the_chosen_route_runs(oracle_with_db: Oracle, route: str) -> None:
    await oracle_with_db.agrees(lambda: flow(says("first"), chosen(), tells("last")), "go", select(route))


@pytest.mark.parametrize("routes", [("blue",), ("Green", "blue"), ("blue", "blue")])
async def test_several_routes_run_in_the_order_in_which_they_were_chosen(
    oracle_with_db: Oracle, routes: tuple[str, ...]
) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), chosen(allow_multiple_selections=True), tells("last")), "go", select(*routes)
    )


async def test_the_question_can_be_worded(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(chosen(user_input_message="Where to?")), "go")


async def test_a_human_is_asked_also_where_a_selector_could_say(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(router(selector=lambda step_input: "Green", requires_user_input=True)), "go", select("blue")
    )


async def test_a_router_in_a_route_selects_for_itself(oracle_with_db: Oracle) -> None:
    inner = lambda: Router(name="inner", selector=lambda step_input: "deep", choices=[tells("deep"), says("other")])  # noqa: E731
    await oracle_with_db.agrees(
        lambda: flow(router(inner(), says("b"), requires_user_input=True), tells("last")), "go", select("inner")
    )


SELECTED: dict[str, Any] = {"selector": lambda step_input: "blue", "requires_output_review": True}


async def test_an_approved_output_stands(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(lambda: flow(router(**SELECTED), tells("last")), "go", confirm)


@pytest.mark.parametrize("on_reject", ["skip", "cancel"])
async def test_a_rejected_output(oracle_with_db: Oracle, on_reject: str) -> None:
    await oracle_with_db.agrees(
        lambda: flow(says("first"), router(**SELECTED, on_reject=on_reject), tells("last")), "go", reject("no")
    )


async def test_the_output_of_a_chosen_route_is_reviewed(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(chosen(requires_output_review=True), tells("last")), "go", select("blue"), confirm
    )


async def test_a_predicate_decides_whether_a_router_is_reviewed(oracle_with_db: Oracle) -> None:
    await oracle_with_db.agrees(
        lambda: flow(
            router(
                selector=lambda step_input: "blue", requires_output_review=lambda output: "1 results" in output.content
            )
        ),
        "go",
        confirm,
    )
    await oracle_with_db.agrees(
        lambda: flow(router(selector=lambda step_input: "blue", requires_output_review=lambda output: False)), "go"
    )

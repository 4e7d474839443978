"""What a workflow asks of its callables across versions: a selector of new code picks from choices of the old plan.

Counted by number, its answer would be another choice's, and another step would run in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Condition, Loop, Router, Step
from agno.workflow.types import HumanReview

from agno_temporal.hitl import Action
from tests.support import Bench
from tests.upgrades.deploys import Deployed, Ran, Version, workflow


def routed(v: Version, names: list[str], picks: str, **settings: Any) -> Any:
    choices = [v.step(name) for name in names]
    return workflow(v.gate(), Router(name="route", choices=choices, selector=lambda _: picks, **settings))


@pytest.mark.parametrize(
    ("now", "picks", "blocked_at"),
    [
        pytest.param(["b", "a"], "a", "step '1/router/0' (\"a\")", id="swapped"),
        pytest.param(["new", "a", "b"], "a", "step '1/router/0' (\"a\")", id="moved"),
        pytest.param(["a", "b", "new"], "new", 'its selector chose the step "new"', id="a-new-one"),
        pytest.param(["new", "b"], "new", 'its selector chose the step "new"', id="one-in-the-place-of-another"),
    ],
)
async def test_a_choice_that_is_not_where_it_was_is_never_taken_for_another(
    bench: Bench, now: list[str], picks: str, blocked_at: str
) -> None:
    ran: Ran = []
    run = Deployed(bench)
    first = routed(Version(1, ran), ["a", "b"], "a")
    await run.start(first)
    async with bench.worker(routed(Version(2, ran), now, picks)):
        await run.decide()
        assert blocked_at in (await run.blocked()).reason
    async with bench.worker(first):
        await run.completed()
    assert [name for name, _ in ran] == ["gate", "a"]


async def test_a_choice_that_is_where_it_was_is_taken_whatever_was_added_behind_it(bench: Bench) -> None:
    ran: Ran = []
    run = Deployed(bench)
    await run.start(routed(Version(1, ran), ["a", "b"], "a"))
    async with bench.worker(routed(Version(2, ran), ["a", "b", "new"], "b")):
        await run.decide()
        await run.completed()
    assert ran == [("gate", 2), ("b", 2)]


async def test_whoever_chooses_the_routes_chooses_from_those_that_were_shown(bench: Bench) -> None:
    ran: Ran = []
    run = Deployed(bench)
    asks = HumanReview(requires_user_input=True)

    def version(number: int, names: list[str]) -> Any:
        v = Version(number, ran)
        return workflow(Router(name="route", choices=[v.step(name) for name in names], human_review=asks))

    await run.start(version(1, ["a", "b"]))
    async with bench.worker(version(2, ["b", "a"])):
        await run.decide(Action.SELECT, selected=("b",))
        assert "step '0/router/1' (\"b\")" in (await run.blocked()).reason
    async with bench.worker(version(1, ["a", "b"])):
        await run.completed()
    assert ran == [("b", 1)]


CALLABLES: dict[str, Callable[[Version, bool], Any]] = {
    "end condition": lambda v, has: Loop(
        name="c", steps=[v.step("s")], max_iterations=2, end_condition=(lambda outputs: True) if has else None
    ),
    "review of the output": lambda v, has: Step(
        name="c",
        executor=v.step("s").executor,
        human_review=HumanReview(requires_output_review=(lambda output: False) if has else False),
    ),
}


@pytest.mark.parametrize("what", CALLABLES)
async def test_a_callable_that_is_gone_blocks_and_is_not_taken_for_a_no(bench: Bench, what: str) -> None:
    ran: Ran = []
    run = Deployed(bench)
    first, second = Version(1, ran), Version(2, ran)
    await run.start(workflow(first.gate(), CALLABLES[what](first, True)))
    async with bench.worker(workflow(second.gate(), CALLABLES[what](second, False))):
        await run.decide()
        assert f"{what} here, and this worker's workflow has none" in (await run.blocked()).reason
    async with bench.worker(workflow(first.gate(), CALLABLES[what](first, True))):
        await run.completed()
    assert [name for name, _ in ran] == ["gate", "s"]


async def test_a_literal_in_the_place_of_an_evaluator_is_its_new_body(bench: Bench) -> None:
    ran: Ran = []
    run = Deployed(bench)

    def version(number: int, evaluator: Any) -> Any:
        v = Version(number, ran)
        return workflow(v.gate(), Condition(name="c", evaluator=evaluator, steps=[v.step("s")]))

    await run.start(version(1, lambda _: False))
    async with bench.worker(version(2, True)):
        await run.decide()
        await run.completed()
    assert ran == [("gate", 2), ("s", 2)]

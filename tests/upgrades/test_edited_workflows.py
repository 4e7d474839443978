"""A workflow is edited while a run of it waits at a gate: each edit, in each place in which the gate can stand.

Either the edit is none of this run's business, and the run goes on by its recorded plan; or the step that it is to run
next is gone, and it is blocked, with both versions named, until a version has that step again. It never runs another
step in its place, leaves one out, or runs one twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import HumanReview

from tests.support import Bench
from tests.upgrades.deploys import PLACES, Deployed, Place, Ran, Version, workflow

Edit = Callable[[Version], list[Any]]

PLANNED = ["gate", "a", "b", "last"]

INSIDE_BLOCKED: dict[str, Edit] = {
    "removed": lambda v: [v.gate(), v.step("b")],
    "renamed": lambda v: [v.gate(), v.step("a2"), v.step("b")],
    "moved": lambda v: [v.gate(), v.step("new"), v.step("a"), v.step("b")],
    "swapped": lambda v: [v.gate(), v.step("b"), v.step("a")],
    "a-loop": lambda v: [v.gate(), Loop(name="a", steps=[v.step("a")], max_iterations=1), v.step("b")],
    "a-group": lambda v: [v.gate(), Steps(name="a", steps=[v.step("a")]), v.step("b")],
    "a-parallel": lambda v: [v.gate(), Parallel(v.step("a"), name="a"), v.step("b")],
    "a-workflow": lambda v: [v.gate(), Step(name="a", workflow=Workflow(name="a", steps=[v.step("a")])), v.step("b")],
    "all-gone": lambda v: [v.step("else")],
}
"""What the second version has in the place of gate, a and b, so that "a" is not where it was."""

INSIDE_GOES_ON: dict[str, Edit] = {
    "body": lambda v: [v.gate(), v.step("a"), v.step("b")],
    "agent": lambda v: [v.gate(), v.agent("a"), v.step("b")],
    "added-behind": lambda v: [v.gate(), v.step("a"), v.step("b"), v.step("new")],
    "gate-added": lambda v: [v.gate(), v.step("a", human_review=v.gate().human_review), v.step("b")],
    "gate-removed": lambda v: [v.step("gate"), v.step("a"), v.step("b")],
    "policy": lambda v: [
        v.step("gate", human_review=HumanReview(requires_confirmation=True, timeout=1, on_timeout="cancel")),
        v.step("a"),
        v.step("b"),
    ],
}

CONTAINERS: dict[str, Callable[[Place], Place]] = {
    "renamed": lambda place: lambda v, inside, name: place(v, inside, "crate"),
    "moved": lambda place: lambda v, inside, name: [v.step("new"), *place(v, inside, name)],
    "unwrapped": lambda place: lambda v, inside, name: inside,
    "another-kind": lambda place: PLACES["loop"] if place is PLACES["steps"] else PLACES["steps"],
    "wrapped": lambda place: lambda v, inside, name: [Steps(name=name, steps=place(v, inside, name))],
}


def top(v: Version, inside: list[Any], name: str) -> list[Any]:
    return inside


def one(v: Version) -> list[Any]:
    return [v.gate(), v.step("a"), v.step("b")]


def version(v: Version, place: Place, inside: Edit) -> Workflow:
    return workflow(*place(v, inside(v), "box"), v.step("last"))


def cell(place: str, edit: str, quick: bool, *values: Any) -> Any:
    return pytest.param(*values, id=f"{place}-{edit}", marks=[] if quick else [pytest.mark.sweep])


ALL = {"top": top, **PLACES}


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        cell(
            where, what, (where, what) in {("top", "swapped"), ("nested", "a-workflow"), ("loop", "moved")}, place, edit
        )
        for where, place in ALL.items()
        for what, edit in INSIDE_BLOCKED.items()
    ],
)
async def test_a_step_that_is_not_where_it_was_blocks_its_run_until_it_is(
    bench: Bench, place: Place, inside: Edit
) -> None:
    await blocks_and_heals(bench, place, place, inside)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        cell(where, what, (where, what) in {("steps", "renamed"), ("condition", "another-kind")}, place, edit(place))
        for where, place in PLACES.items()
        for what, edit in CONTAINERS.items()
    ],
)
async def test_a_container_that_is_not_what_it_was_blocks_the_run_in_it(
    bench: Bench, before: Place, after: Place
) -> None:
    await blocks_and_heals(bench, before, after, one)


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        cell(where, what, (where, what) in {("top", "agent"), ("parallel", "gate-removed")}, place, edit)
        for where, place in ALL.items()
        for what, edit in INSIDE_GOES_ON.items()
        if (where, what) != ("top", "added-behind")  # Nothing is behind the last step.
    ],
)
async def test_what_is_none_of_its_business_leaves_the_run_to_its_plan(
    bench: Bench, place: Place, inside: Edit
) -> None:
    ran: Ran = []
    run = Deployed(bench)
    await run.start(version(Version(1, ran), place, one))
    async with bench.worker(version(Version(2, ran), place, inside)):
        assert ran == []
        await run.decide()
        await run.completed()
    assert ran == [(name, 2) for name in PLANNED]


async def blocks_and_heals(bench: Bench, before: Place, after: Place, inside: Edit) -> None:
    """Between the gate and "a": what the second version ran, if anything, is the gate's own step."""
    ran: Ran = []
    run = Deployed(bench)
    first, second = version(Version(1, ran), before, one), version(Version(2, ran), after, inside)
    await run.start(first)
    async with bench.worker(second):
        await run.decide()
        blocked = await run.blocked()
        assert "the run's plan has" in blocked.reason
        assert "this worker's workflow has" in blocked.reason
        assert ran in ([], [("gate", 2)])
    async with bench.worker(first):
        await run.completed()
    assert [name for name, _ in ran] == PLANNED

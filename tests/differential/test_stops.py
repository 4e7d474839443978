"""A step that says stop ends what it stands in, and how far that goes is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps

from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep

CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {
    "Steps": lambda steps: Steps(name="c", steps=steps),
    "Loop": lambda steps: Loop(name="c", steps=steps, max_iterations=3),
    "Loop with an end condition": lambda steps: Loop(
        name="c", steps=steps, max_iterations=3, end_condition=lambda outputs: len(outputs) > 2
    ),
    "Condition": lambda steps: Condition(name="c", evaluator=True, steps=steps),
    "else branch": lambda steps: Condition(name="c", evaluator=False, steps=[says()], else_steps=steps),
    "Router": lambda steps: Router(name="c", choices=steps, selector=lambda step_input, step_choices: step_choices),
    "Parallel": lambda steps: Parallel(*steps, name="c"),
    "Parallel of one": lambda steps: Parallel(steps[1], name="c"),
    "nested workflow": lambda steps: flow(*steps, id="inner"),
    "Steps in Loop": lambda steps: Loop(name="c", steps=[Steps(name="d", steps=steps), tells("y")], max_iterations=3),
    "Parallel in Steps": lambda steps: Steps(name="c", steps=[Parallel(*steps, name="d"), tells("y")]),
    "Router in Condition": lambda steps: Condition(
        name="c", evaluator=True, steps=[Router(name="d", choices=steps, selector=lambda _: "stops"), tells("y")]
    ),
    "Steps in Parallel": lambda steps: Parallel(Steps(name="d", steps=steps), tells("y"), name="c"),
    "nested workflow in Steps": lambda steps: Steps(name="c", steps=[flow(*steps, id="inner"), tells("y")]),
}


async def test_a_stop_at_top_level(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(says("a"), says("stops", stop=True), tells()), "go")
    assert len(seen.stops[-1]["step_results"][""]) == 2


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_stop_in_a_container(oracle: Oracle, container: Callable[[list[Any]], Any]) -> None:
    await oracle.agrees(
        lambda: flow(container([says("a"), says("stops", stop=True), tells("b")]), tells(), agent("Last")), "go"
    )


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_stop_that_also_reports_failure(oracle: Oracle, container: Callable[[list[Any]], Any]) -> None:
    await oracle.agrees(
        lambda: flow(container([says("a"), says("stops", stop=True, success=False), tells("b")]), tells()), "go"
    )


async def test_a_step_of_a_nested_workflow_that_stops_does_not_stop_its_parent(oracle: Oracle) -> None:
    seen = await oracle.agrees(
        lambda: flow(Step(name="n", workflow=flow(says("stops", stop=True), says("b"), id="inner")), says("c")), "go"
    )
    assert seen.stops[-1]["content"] == "c says"

"""The events of containers and nested workflows: the same, in the same order, with the same fields as agno's."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps

from tests.differential.blocks import agent, fails, flow, says, tells
from tests.differential.streams import StreamOracle

pytestmark = pytest.mark.sweep

FAIL = HumanReview(on_error="fail")


def inner(*steps: Any, **options: Any) -> Step:
    return Step(name="host", workflow=flow(*steps, id="nested", **options))


CONTAINERS = {
    "steps": lambda: flow(Steps(name="box", steps=[says("a"), agent("Ann")]), tells()),
    "empty steps": lambda: flow(Steps(name="box", steps=[]), tells()),
    "steps that stop": lambda: flow(Steps(name="box", steps=[says("a", stop=True), says("never")]), says("never")),
    "steps that fail": lambda: flow(Steps(name="box", steps=[says("a"), fails("f")]), tells()),
    "loop": lambda: flow(Loop(name="box", steps=[says("a"), tells("b")], max_iterations=2), tells()),
    "loop with an end": lambda: flow(
        Loop(name="box", steps=[says("a")], max_iterations=5, end_condition=lambda outputs: True), tells()
    ),
    "loop that stops": lambda: flow(Loop(name="box", steps=[says("a", stop=True)], max_iterations=5), says("never")),
    "loop that fails": lambda: flow(Loop(name="box", steps=[fails("f")]), tells()),
    "condition": lambda: flow(Condition(name="box", evaluator=True, steps=[says("a"), tells("b")]), tells()),
    "else branch": lambda: flow(
        Condition(name="box", evaluator=False, steps=[says("a")], else_steps=[says("b"), says("c")]), tells()
    ),
    "condition that stops": lambda: flow(
        Condition(name="box", evaluator=True, steps=[says("a", stop=True), says("never")]), says("never")
    ),
    "condition with a failure": lambda: flow(Condition(name="box", evaluator=True, steps=[fails("f")]), tells()),
    "router": lambda: flow(
        Router(name="box", selector=lambda _: ["b", "a"], choices=[says("a"), says("b"), says("c")]), tells()
    ),
    "router with a failure": lambda: flow(Router(name="box", selector=lambda _: "f", choices=[fails("f")]), tells()),
    "parallel": lambda: flow(Parallel(says("a"), says("b"), name="box"), tells()),
    "parallel of one": lambda: flow(Parallel(says("a"), name="box"), tells()),
    "parallel with a failure": lambda: flow(Parallel(says("a"), fails("f"), name="box"), tells()),
    "parallel that stops": lambda: flow(Parallel(says("a"), says("b", stop=True), name="box"), says("never")),
    "containers in each other": lambda: flow(
        Steps(
            name="box",
            steps=[
                says("a"),
                Loop(name="rounds", steps=[Steps(name="deep", steps=[says("b")])], max_iterations=1),
                Condition(name="if", evaluator=True, steps=[says("c"), says("d")]),
                Router(name="route", selector=lambda _: "e", choices=[says("e")]),
                Parallel(says("f"), name="beside"),
            ],
        )
    ),
    "a step without a name": lambda: flow(Steps(name="box", steps=[says(None)])),
    "nested workflow": lambda: flow(says("a"), inner(says("b"), agent("Ann"), says("c")), tells()),
    "nested workflow that stops": lambda: flow(inner(says("b", stop=True), says("never")), tells()),
    "nested workflow in a container": lambda: flow(Steps(name="box", steps=[inner(says("b"))]), tells()),
    "nested workflow with a container": lambda: flow(
        inner(Steps(name="box", steps=[says("b"), agent("Ann")])), tells()
    ),
    "nested workflow in a nested workflow": lambda: flow(
        inner(says("a"), Step(name="deep", workflow=flow(says("b"), agent("Ann"), id="deeper"))), tells()
    ),
    "nested workflow that shows nothing of its agents": lambda: flow(
        inner(agent("Ann"), stream_executor_events=False), tells()
    ),
    "workflow that shows nothing of what it nests": lambda: flow(
        inner(says("b"), agent("Ann")), tells(), stream_executor_events=False
    ),
}


def failing_loop(name: str = "rounds") -> Loop:
    return Loop(name=name, steps=[fails("f")], max_iterations=2)


def failed_box() -> Steps:
    return Steps(name="box", steps=[fails("f")])


BEHIND_A_FAILURE = {
    "steps, a loop": lambda: flow(failed_box(), failing_loop()),
    "steps, a loop of their name": lambda: flow(failed_box(), failing_loop("box")),
    "steps that did not fail, a loop of their name": lambda: flow(
        Steps(name="box", steps=[says("a")]), failing_loop("box")
    ),
    "steps, a condition": lambda: flow(
        failed_box(), Condition(name="if", evaluator=True, steps=[fails("g", human_review=FAIL)], human_review=FAIL)
    ),
    "steps, a step": lambda: flow(failed_box(), fails("g", human_review=FAIL)),
    "branches, a loop": lambda: flow(Parallel(fails("f"), name="box"), failing_loop()),
    "in a nested workflow": lambda: flow(
        Step(name="host", workflow=flow(failed_box(), failing_loop(), id="nested"), max_retries=0), tells()
    ),
}
"""Only a step has an id by which agno knows its output. Of a container it takes the output before for its own."""

QUIET = {
    "unmet condition": lambda: flow(Condition(name="box", evaluator=False, steps=[says("a")]), says("z")),
    "router that selects nothing": lambda: flow(
        Router(name="box", selector=lambda _: None, choices=[says("a")]), says("z")
    ),
}
"""Without an output in agno's streams, and only there (D39)."""


@pytest.fixture
def streams(client: Any) -> StreamOracle:
    return StreamOracle(client)


@pytest.mark.parametrize("stream_events", [True, False], ids=["events", "content"])
@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
async def test_the_events_of(streams: StreamOracle, make: Any, stream_events: bool) -> None:
    await streams.agrees(make, "go", stream_events=stream_events)


async def test_a_nested_workflows_run_is_its_callers(streams: StreamOracle) -> None:
    seen = await streams.agrees(lambda: flow(inner(says("a")), store_events=True), "go", user_id="ana")
    assert seen.run is not None
    for events in (seen.events, seen.run.events or []):
        ended = [event.run_output for event in events if event.event == "WorkflowCompleted"]
        assert [run.user_id for run in ended] == ["ana", "ana"]


@pytest.mark.parametrize("make", BEHIND_A_FAILURE.values(), ids=BEHIND_A_FAILURE)
async def test_the_events_of_what_fails_behind_a_failure(streams: StreamOracle, make: Any) -> None:
    await streams.agrees(make, "go")


@pytest.mark.parametrize("make", QUIET.values(), ids=QUIET)
async def test_what_runs_nothing_is_told_as_in_agno(streams: StreamOracle, make: Any) -> None:
    await streams.agrees(make, "go", ignoring=("step_results", "metrics"))

"""Routers: what a selector is told, what it may answer, and what runs then."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from agno.run import RunContext
from agno.workflow import Loop, Parallel, Router, Steps
from agno.workflow.types import StepInput

from tests.differential.blocks import agent, fails, flow, says, sets, tell, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep


async def asynchronous(step_input: StepInput) -> str:
    return "b"


def with_choices(step_input: StepInput, step_choices: list[Any]) -> Any:
    return step_choices[1]


def with_all(step_input: StepInput, run_context: RunContext, step_choices: list[Any]) -> Any:
    return [step_choices[run_context.session_state["n"]], "a"]


def with_context(step_input: StepInput, run_context: RunContext) -> str:
    return "b" if run_context.session_state["n"] == 1 else "a"


def with_more(step_input: StepInput, name: str) -> str:
    return name


class Selects:
    def __call__(self, step_input: StepInput) -> str:
        return "b"


SELECTORS: dict[str, Any] = {
    "name": lambda step_input: "b",
    "names": lambda step_input: ["b", "a"],
    "a name twice": lambda step_input: ["b", "b"],
    "unknown name": lambda step_input: "nowhere",
    "known and unknown names": lambda step_input: ["nowhere", "b"],
    "None": lambda step_input: None,
    "empty list": lambda step_input: [],
    "empty text": lambda step_input: "",
    "step": with_choices,
    "steps and names": with_all,
    "list in a list": lambda step_input, step_choices: ["a", [step_choices[1]]],
    "list of lists": lambda step_input, step_choices: [[step_choices[1]], ["a"]],
    "number": lambda step_input: 1,
    "bare function": lambda step_input: tell,
    "async function": asynchronous,
    "function with run_context": with_context,
    "partial": partial(with_more, name="b"),
    "callable object": Selects(),
    "raising function": lambda step_input: step_input.no_such_attribute,
    "name of a list of steps": lambda step_input: "steps_group_2",
    "name in a list of steps": lambda step_input: "d",
    "name of a container": lambda step_input: "both",
    "name of an agent": lambda step_input: "Ann",
    "name of a function": lambda step_input: "tell",
    "CEL: name": '"b"',
    "CEL: by input": 'input == "go" ? "b" : "a"',
    "CEL: by content": 'previous_step_content.contains("first") ? "b" : "a"',
    "CEL: by choice": "step_choices[1]",
    "CEL: by session state": 'session_state.n == 1 ? "b" : "a"',
    "CEL: unknown name": '"nowhere"',
    "CEL: no text": "1 + 1",
    "CEL that cannot be evaluated": "no_such_name",
}


def choices() -> list[Any]:
    return [
        tells("a"),
        tells("b"),
        [says("c"), tells("d")],
        Parallel(says("e"), says("f"), name="both"),
        agent("Ann"),
        tell,
    ]


@pytest.mark.parametrize("selector", SELECTORS.values(), ids=SELECTORS)
async def test_a_selector(oracle: Oracle, selector: Any) -> None:
    await oracle.agrees(
        lambda: flow(says("first"), Router(name="router", choices=choices(), selector=selector), tells()),
        "go",
        session_state={"n": 1},
    )


@pytest.mark.parametrize("outer", ["Steps", "Loop", "Parallel", "Router"])
@pytest.mark.parametrize("name", ["b", "raising function", "unknown name"])
async def test_a_selector_in_a_container(oracle: Oracle, outer: str, name: str) -> None:
    def subject() -> Router:
        return Router(name="router", choices=choices(), selector=SELECTORS.get(name, SELECTORS["name"]))

    containers = {
        "Steps": lambda: Steps(name="c", steps=[says("x"), subject(), tells("y")]),
        "Loop": lambda: Loop(name="c", steps=[subject(), tells("y")], max_iterations=2),
        "Parallel": lambda: Parallel(subject(), tells("y"), name="c"),
        "Router": lambda: Router(name="c", choices=[subject()], selector=lambda step_input: "router"),
    }
    await oracle.agrees(lambda: flow(containers[outer](), tells()), "go")


async def test_a_router_without_a_selector_runs_nothing(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(Router(name="router", choices=choices()), tells()))
    assert "0 results" in seen.stops[-1]["step_results"][""][0]["content"]


async def test_a_router_without_choices(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(Router(name="router", choices=[], selector=lambda step_input: "a"), tells()))


async def test_a_list_in_a_list_of_choices(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            Router(
                name="router",
                choices=[says("a"), [says("b"), Steps(name="s", steps=[tells("c")]), tell]],
                selector=lambda step_input, step_choices: step_choices[1].name,
            ),
            tells(),
        )
    )


async def test_a_selector_is_told_the_choices_by_name(oracle: Oracle) -> None:
    told: list[list[Any]] = []

    def selector(step_input: StepInput, step_choices: list[Any]) -> str:
        told.append([type(choice).__name__ + " " + str(choice.name) for choice in step_choices])
        return "a"

    await oracle.agrees(lambda: flow(Router(name="router", choices=choices(), selector=selector)))
    assert len(told) == 4
    assert all(one == told[0] for one in told)


async def test_a_selector_changes_the_session_state(oracle: Oracle) -> None:
    def selector(step_input: StepInput, run_context: RunContext) -> str:
        run_context.session_state["routed"] = True
        return "a"

    await oracle.agrees(lambda: flow(sets("s", x=1), Router(name="router", choices=choices(), selector=selector)))


async def test_what_was_selected_behind_a_failure_does_not_run(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(Router(name="r", choices=[fails("a"), says("b")], selector=lambda step_input: ["a", "b"]), tells())
    )

"""Every container, with none, one and two children, and in every other container."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps

from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep

Container = Callable[[str, list[Any]], Any]

CONTAINERS: dict[str, Container] = {
    "Steps": lambda name, steps: Steps(name=name, steps=steps),
    "Loop": lambda name, steps: Loop(name=name, steps=steps, max_iterations=2),
    "forwarding Loop": lambda name, steps: Loop(
        name=name, steps=steps[:1], max_iterations=2, forward_iteration_output=True
    ),
    "Condition": lambda name, steps: Condition(name=name, evaluator=True, steps=steps),
    "Condition with else": lambda name, steps: Condition(
        name=name, evaluator=False, steps=[says("no")], else_steps=steps
    ),
    "Condition that is not met": lambda name, steps: Condition(name=name, evaluator=False, steps=steps),
    "Router": lambda name, steps: Router(
        name=name, choices=[says("no"), *steps], selector=lambda step_input, step_choices: step_choices[1:]
    ),
    "Parallel": lambda name, steps: Parallel(*steps, name=name),
    "nested workflow": lambda name, steps: Step(
        name=name, workflow=flow(*steps, id=f"{name}-id") if steps else flow(id=f"{name}-id")
    ),
}

CHILDREN: dict[str, Callable[[], list[Any]]] = {
    "one": lambda: [tells("a")],
    "two": lambda: [tells("a"), tells("b")],
    "agents": lambda: [agent("Ann"), agent("Ben")],
    "a bare function": lambda: [lambda step_input: f"after {step_input.previous_step_content}"],
}


@pytest.mark.parametrize("children", CHILDREN.values(), ids=CHILDREN)
@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_container_between_two_steps(oracle: Oracle, container: Container, children: Any) -> None:
    await oracle.agrees(lambda: flow(says("first"), container("c", children()), tells(), agent("Last")), "go")


@pytest.mark.parametrize("kind", [kind for kind in CONTAINERS if kind != "Condition"])
async def test_an_empty_container_between_two_steps(oracle: Oracle, kind: str) -> None:
    """A Condition that is met with no steps differs (docs/differences.md)."""
    await oracle.agrees(lambda: flow(says("first"), CONTAINERS[kind]("c", []), tells(), agent("Last")), "go")


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_container_alone(oracle: Oracle, container: Container) -> None:
    await oracle.agrees(lambda: flow(container("c", [says("a"), tells("b")])), "go")


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_an_agent_after_a_container(oracle: Oracle, container: Container) -> None:
    await oracle.agrees(lambda: flow(container("c", [says("a"), says("b")]), agent("Last")), "go")


@pytest.mark.parametrize("inner", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("outer", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_container_in_a_container(oracle_with_db: Oracle, outer: Container, inner: Container) -> None:
    await oracle_with_db.agrees(
        lambda: flow(
            says("first"),
            outer("out", [says("before"), inner("in", [tells("a"), says("b")]), tells("behind")]),
            tells("last"),
        ),
        "go",
    )


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_container_without_a_name(oracle: Oracle, container: Container) -> None:
    await oracle.agrees(lambda: flow(says("first"), container(None, [says("a")]), tells()), "go")


async def test_a_workflow_without_steps(oracle: Oracle) -> None:
    seen = await oracle.agrees(flow, "go")
    assert seen.stops[-1]["content"] == "No steps executed"

"""Parallels: branches beside each other give the same as in agno, whichever ends first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.run import RunContext
from agno.workflow import Condition, Loop, Parallel, Router, Step, Steps
from agno.workflow.types import StepInput, StepOutput

from tests.differential.blocks import agent, fails, flow, says, sets, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep

BRANCHES: dict[str, Any] = {
    "two steps": lambda: [says("a"), says("b")],
    "five steps": lambda: [says(name) for name in "edcba"],
    "an agent beside a step": lambda: [agent("Ann"), tells("b")],
    "two agents": lambda: [agent("Ann"), agent("Ben")],
    "an empty content": lambda: [says("a", ""), says("b")],
    "a blank content": lambda: [says("a", "  "), says("b")],
    "contents that are no text": lambda: [says("a", {"b": 1, "a": 2}), says("b", 3)],
    "a failing branch": lambda: [fails("a"), says("b")],
    "only failing branches": lambda: [fails("a"), fails("b")],
    "a branch that reports failure": lambda: [says("a", success=False), says("b")],
    "a branch that skips on failure": lambda: [fails("a", skip_on_failure=True), says("b")],
    "two branches of one name": lambda: [says("a", "one"), says("a", "two")],
    "branches without a name": lambda: [says(None, "one"), says(None, "two")],
    "containers": lambda: [
        Steps(name="s", steps=[says("a"), tells("b")]),
        Loop(name="l", steps=[tells("c")], max_iterations=2),
        Condition(name="i", evaluator=True, steps=[tells("d")]),
        Router(name="r", choices=[tells("e")], selector=lambda step_input: "e"),
        Parallel(says("f"), says("g"), name="p"),
    ],
    "nested workflows": lambda: [flow(says("a"), id="one"), flow(tells("b"), id="two")],
    "containers without results": lambda: [
        Condition(name="i", evaluator=False, steps=[tells("d")]),
        Router(name="r", choices=[tells("e")]),
        Parallel(name="p"),
    ],
}


@pytest.mark.parametrize("branches", BRANCHES.values(), ids=BRANCHES)
async def test_branches_between_steps(oracle: Oracle, branches: Any) -> None:
    await oracle.agrees(lambda: flow(says("first"), Parallel(*branches(), name="both"), tells(), agent("Last")), "go")


@pytest.mark.parametrize("branches", BRANCHES.values(), ids=BRANCHES)
async def test_branches_at_the_end(oracle: Oracle, branches: Any) -> None:
    await oracle.agrees(lambda: flow(Parallel(*branches(), name="both")), "go")


@pytest.mark.parametrize("branches", BRANCHES.values(), ids=BRANCHES)
async def test_an_agent_after_branches(oracle: Oracle, branches: Any) -> None:
    await oracle.agrees(lambda: flow(Parallel(*branches(), name="both"), agent("Last")), "go")


async def test_a_parallel_in_a_parallel(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(Parallel(Parallel(says("a"), tells("b"), name="in"), tells("c"), name="out"), tells()), "go"
    )


async def test_a_parallel_without_a_name(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(Parallel(says("a"), says("b")), tells()), "go")


async def test_results_stand_in_the_order_of_the_branches(oracle: Oracle) -> None:
    async def slow(step_input: StepInput) -> str:
        await asyncio.sleep(0.1)
        return "slow"

    seen = await oracle.agrees(
        lambda: flow(Parallel(Step(name="a", executor=slow), says("b"), name="both"), tells()), "go"
    )
    assert [step["content"] for step in seen.stops[-1]["step_results"][""][0]["steps"][""]] == ["slow", "b says"]


async def test_branches_that_write_different_keys_of_the_session_state(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            sets("before", kept=[1]), Parallel(sets("a", one=1), sets("b", two={"z": 1, "a": 2}), name="both"), tells()
        ),
        "go",
        session_state={"given": True},
    )


async def test_branches_that_write_into_one_dict_of_the_session_state(oracle: Oracle) -> None:
    def put(key: str) -> Any:
        def write(step_input: StepInput, run_context: RunContext) -> str:
            run_context.session_state["votes"][key] = key
            return key

        return write

    await oracle.agrees(
        lambda: flow(
            Parallel(Step(name="a", executor=put("one")), Step(name="b", executor=put("two")), name="both"), tells()
        ),
        "go",
        session_state={"votes": {"zero": 0}},
    )


async def test_a_branch_that_removes_a_key_of_the_session_state(oracle: Oracle) -> None:
    def remove(step_input: StepInput, run_context: RunContext) -> str:
        return run_context.session_state.pop("old")

    await oracle.agrees(
        lambda: flow(Parallel(Step(name="a", executor=remove), sets("b", new=1), name="both"), tells()),
        session_state={"old": "value", "kept": 1},
    )


async def test_a_branch_finds_an_earlier_branch_by_name_only_afterwards(oracle: Oracle) -> None:
    def look(step_input: StepInput) -> StepOutput:
        return StepOutput(content=f"{step_input.get_step_content('a')} {step_input.get_step_content('both')}")

    await oracle.agrees(
        lambda: flow(
            Parallel(says("a"), Step(name="b", executor=look), name="both"),
            Step(name="c", executor=look),
            Parallel(Step(name="d", executor=look), says("e"), name="later"),
        )
    )

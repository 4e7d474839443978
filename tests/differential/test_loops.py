"""Loops: when they end, what each iteration is given, and what comes out."""

from __future__ import annotations

from typing import Any

import pytest
from agno.run import RunContext
from agno.workflow import Condition, Loop, Parallel, Step, Steps, Workflow
from agno.workflow.types import StepInput, StepOutput

from tests.differential.blocks import agent, fails, flow, says, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep


def counting(name: str = "counts") -> Step:
    """A step that says how often it ran."""
    ran = 0

    def count(step_input: StepInput) -> StepOutput:
        nonlocal ran
        ran += 1
        return StepOutput(content=ran, success=ran != 3)

    return Step(name=name, executor=count)


def at_two(outputs: list[StepOutput]) -> bool:
    return outputs[-1].content == 2


async def at_two_async(outputs: list[StepOutput]) -> bool:
    return outputs[-1].content == 2


def raises(outputs: list[StepOutput]) -> bool:
    raise ValueError("cannot tell")


async def raises_async(outputs: list[StepOutput]) -> bool:
    raise ValueError("cannot tell")


class AtTwo:
    def __call__(self, outputs: list[StepOutput]) -> bool:
        return at_two(outputs)


ENDS: dict[str, Any] = {
    "none": None,
    "function": at_two,
    "async function": at_two_async,
    "callable object": AtTwo(),
    "raising function": raises,
    "raising async function": raises_async,
    "truthy value": lambda outputs: "yes",
    "falsy value": lambda outputs: [],
    "of all outputs": lambda outputs: len(outputs) == 2 and outputs[0].step_name == "first",
    "without parameters": lambda: True,
    "CEL: current_iteration": "current_iteration >= 2",
    "CEL: max_iterations": "current_iteration == max_iterations - 2",
    "CEL: all_success": "!all_success",
    "CEL: last_step_content": 'last_step_content == "2"',
    "CEL: step_outputs": 'step_outputs["counts"] == "2"',
    "CEL that cannot be evaluated": "no_such_name > 1",
    "CEL that is no bool": "current_iteration",
}


@pytest.mark.parametrize("end_condition", ENDS.values(), ids=ENDS)
async def test_an_end_condition(oracle: Oracle, end_condition: Any) -> None:
    await oracle.agrees(
        lambda: flow(
            Loop(name="loop", steps=[says("first"), counting()], max_iterations=4, end_condition=end_condition),
            tells(),
        )
    )


@pytest.mark.parametrize("end_condition", ENDS.values(), ids=ENDS)
async def test_an_end_condition_after_a_container(oracle: Oracle, end_condition: Any) -> None:
    def make() -> Workflow:
        inner = Steps(name="counts", steps=[counting("inner")])
        return flow(Loop(name="loop", steps=[says("first"), inner], max_iterations=4, end_condition=end_condition))

    await oracle.agrees(make)


@pytest.mark.parametrize("max_iterations", [0, 1, 3])
async def test_as_many_iterations_as_it_says(oracle: Oracle, max_iterations: int) -> None:
    await oracle.agrees(
        lambda: flow(says("before"), Loop(name="loop", steps=[tells("a")], max_iterations=max_iterations), tells())
    )


async def test_three_iterations_where_it_does_not_say(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(Loop(name="loop", steps=[says("a")])))
    assert seen.stops[-1]["step_results"][""][0]["content"] == "Loop loop completed 3 iterations with 3 total steps"


async def test_every_iteration_starts_from_the_loops_input(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(says("before"), Loop(name="loop", steps=[tells("a"), tells("b")]), tells()), "go")


async def test_an_iteration_of_one_step_that_is_forwarded(oracle: Oracle) -> None:
    def longer(step_input: StepInput) -> str:
        return f"{step_input.previous_step_content}+"

    loop = {"max_iterations": 3, "forward_iteration_output": True}
    seen = await oracle.agrees(
        lambda: flow(says("before"), Loop(name="loop", steps=[Step(name="a", executor=longer)], **loop), tells("end"))
    )
    assert "'last': 'before says+++'" in seen.stops[-1]["content"]


async def test_an_agents_answer_that_is_forwarded(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(Loop(name="loop", steps=[agent()], max_iterations=3, forward_iteration_output=True), tells()), "go"
    )


@pytest.mark.parametrize("forward", [False, True])
async def test_a_forwarding_iteration_that_ends_with_a_container(oracle: Oracle, forward: bool) -> None:
    await oracle.agrees(
        lambda: flow(
            Loop(
                name="loop",
                steps=[Parallel(tells("a"), tells("b"), name="both")],
                max_iterations=2,
                forward_iteration_output=forward,
            ),
            tells(),
        )
    )


async def test_an_end_condition_is_asked_before_a_stop_is_heeded(oracle: Oracle) -> None:
    asked: list[int] = []

    def ask(outputs: list[StepOutput]) -> bool:
        asked.append(len(outputs))
        return False

    await oracle.agrees(
        lambda: flow(Loop(name="loop", steps=[says("a", stop=True), says("b")], end_condition=ask), tells())
    )
    assert asked == [1] * 4  # twice in each of the two ways, which are compared with a database and without


async def test_a_loop_whose_step_fails_fails_the_run(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(Loop(name="loop", steps=[says("a"), fails("b")]), tells()))
    assert seen.raised == "Workflow execution failed: attempt 1 of b"


async def test_session_state_is_carried_from_iteration_to_iteration(oracle: Oracle) -> None:
    def add(step_input: StepInput, run_context: RunContext) -> int:
        run_context.session_state["n"] = run_context.session_state.get("n", 0) + 1
        return run_context.session_state["n"]

    await oracle.agrees(lambda: flow(Loop(name="loop", steps=[Step(name="a", executor=add)]), tells()))


async def test_loops_in_loops_in_conditions(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            Loop(
                name="outer",
                max_iterations=2,
                steps=[
                    Condition(
                        name="check",
                        evaluator=lambda step_input: True,
                        steps=[Loop(name="inner", steps=[tells("a")], max_iterations=2, end_condition="all_success")],
                    ),
                    tells("b"),
                ],
            ),
            tells(),
        )
    )

"""Conditions: who decides, what they are told, and which branch runs."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from agno.run import RunContext
from agno.workflow import Condition, HumanReview, Loop, Parallel, Steps
from agno.workflow.types import StepInput

from tests.differential.blocks import agent, fails, flow, says, sets, tell, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep


async def asynchronous(step_input: StepInput) -> bool:
    return step_input.input == "go"


def with_context(step_input: StepInput, run_context: RunContext) -> bool:
    return bool(run_context.session_state.get("ready"))


def with_unknown_parameter(step_input: StepInput, session_state: dict[str, Any]) -> bool:
    return bool(session_state.get("ready"))


def with_more(step_input: StepInput, answer: bool) -> bool:
    return answer


def raising(step_input: StepInput) -> bool:
    raise ValueError("cannot tell")


async def raising_async(step_input: StepInput) -> bool:
    raise ValueError("cannot tell")


class Decides:
    def __call__(self, step_input: StepInput) -> bool:
        return True

    async def later(self, step_input: StepInput) -> bool:
        return True


EVALUATORS: dict[str, Any] = {
    "True": True,
    "False": False,
    "function that says yes": lambda step_input: step_input.input == "go",
    "function that says no": lambda step_input: step_input.input != "go",
    "function of the last content": lambda step_input: step_input.previous_step_content == "first says",
    "async function": asynchronous,
    "function with run_context": with_context,
    "function with a parameter that agno does not know": with_unknown_parameter,
    "partial": partial(with_more, answer=True),
    "callable object": Decides(),
    "bound async method": Decides().later,
    "raising function": raising,
    "raising async function": raising_async,
    "text": lambda step_input: "yes",
    "number": lambda step_input: 1,
    "None": lambda step_input: None,
    "CEL: input": 'input == "go"',
    "CEL: input, no": 'input.contains("stop")',
    "CEL: previous_step_content": 'previous_step_content == "first says"',
    "CEL: previous_step_outputs": 'previous_step_outputs["first"] == "first says"',
    "CEL: additional_data": "additional_data.level > 3",
    "CEL: session_state": "session_state.ready",
    "CEL: no bool": "size(input)",
    "CEL that cannot be evaluated": "no_such_name",
}

OPTIONS = {"additional_data": {"level": 5}, "session_state": {"ready": True}}


@pytest.mark.parametrize("evaluator", EVALUATORS.values(), ids=EVALUATORS)
async def test_an_evaluator_without_else(oracle: Oracle, evaluator: Any) -> None:
    await oracle.agrees(
        lambda: flow(says("first"), Condition(name="if", evaluator=evaluator, steps=[tells("yes")]), tells()),
        "go",
        **OPTIONS,
    )


@pytest.mark.parametrize("evaluator", EVALUATORS.values(), ids=EVALUATORS)
async def test_an_evaluator_with_else(oracle: Oracle, evaluator: Any) -> None:
    await oracle.agrees(
        lambda: flow(
            says("first"),
            Condition(name="if", evaluator=evaluator, steps=[tells("yes")], else_steps=[tells("no"), agent()]),
            tells(),
        ),
        "go",
        **OPTIONS,
    )


@pytest.mark.parametrize("on_error", ["skip", "fail"])
@pytest.mark.parametrize("evaluator", [raising, raising_async], ids=["function", "async"])
async def test_an_evaluator_that_raises_under_each_policy(oracle: Oracle, evaluator: Any, on_error: str) -> None:
    review = HumanReview(on_error=on_error)
    await oracle.agrees(
        lambda: flow(says("first"), Condition(evaluator=evaluator, steps=[says("a")], human_review=review), tells())
    )


@pytest.mark.parametrize("on_error", ["skip", "fail"])
@pytest.mark.parametrize("outer", ["Steps", "Loop", "Parallel", "Condition"])
async def test_an_evaluator_that_raises_in_a_container(oracle: Oracle, outer: str, on_error: str) -> None:
    def subject() -> Condition:
        return Condition(name="if", evaluator=raising, steps=[says("a")], human_review=HumanReview(on_error=on_error))

    containers = {
        "Steps": lambda: Steps(name="c", steps=[says("x"), subject(), says("y")]),
        "Loop": lambda: Loop(name="c", steps=[subject()], max_iterations=2),
        "Parallel": lambda: Parallel(subject(), says("y"), name="c"),
        "Condition": lambda: Condition(name="c", evaluator=True, steps=[subject(), says("y")]),
    }
    await oracle.agrees(lambda: flow(containers[outer](), tells()))


async def test_an_evaluator_sees_a_containers_own_content_and_a_step_the_last_ones_below(oracle: Oracle) -> None:
    told: list[str] = []

    def evaluator(step_input: StepInput, run_context: RunContext) -> bool:
        told.append(tell(step_input, run_context).replace("{}", "None"))
        return True

    await oracle.agrees(
        lambda: flow(
            Steps(name="c", steps=[says("a"), says("b")]),
            Condition(name="if", evaluator=evaluator, steps=[tells("yes")]),
        )
    )
    assert len(told) == 4
    assert set(told) == {told[0]}
    assert "'last': 'Steps c completed with 2 results'" in told[0]


async def test_an_evaluator_changes_the_session_state(oracle: Oracle) -> None:
    def evaluator(step_input: StepInput, run_context: RunContext) -> bool:
        run_context.session_state["asked"] = run_context.session_state.get("asked", 0) + 1
        return False

    await oracle.agrees(
        lambda: flow(sets("s", x=1), Condition(name="if", evaluator=evaluator, steps=[says("a")]), tells())
    )


async def test_a_step_after_one_that_failed_in_a_branch_does_not_run(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(Condition(name="if", evaluator=True, steps=[says("a"), fails("b"), says("c")]), tells())
    )

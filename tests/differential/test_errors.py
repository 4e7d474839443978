"""What a failure does: at top level and in each container, with every policy, after every number of attempts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.agent import Agent
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps
from agno.workflow.types import StepInput, StepOutput

from tests.differential.blocks import agent, fails, flow, says, tells
from tests.differential.models import BrokenModel
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep

SKIP, FAIL = HumanReview(on_error="skip"), HumanReview(on_error="fail")

CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {
    "Steps": lambda steps: Steps(name="c", steps=steps),
    "Loop": lambda steps: Loop(name="c", steps=steps, max_iterations=2),
    "Condition": lambda steps: Condition(name="c", evaluator=True, steps=steps),
    "Condition under fail": lambda steps: Condition(name="c", evaluator=True, steps=steps, human_review=FAIL),
    "else branch": lambda steps: Condition(name="c", evaluator=False, steps=[says()], else_steps=steps),
    "Router": lambda steps: Router(name="c", choices=steps, selector=lambda step_input, step_choices: step_choices),
    "Parallel": lambda steps: Parallel(*steps, name="c"),
    "nested workflow": lambda steps: Step(name="c", workflow=flow(*steps, id="inner"), max_retries=0),
    "nested workflow under fail": lambda steps: Step(
        name="c", workflow=flow(*steps, id="inner"), max_retries=0, human_review=FAIL
    ),
    "Steps in Steps": lambda steps: Steps(name="c", steps=[says("x"), Steps(name="d", steps=steps), tells("y")]),
    "Steps in Loop": lambda steps: Loop(name="c", steps=[Steps(name="d", steps=steps), tells("y")], max_iterations=2),
    "Parallel in Loop": lambda steps: Loop(name="c", steps=[Parallel(*steps, name="d")], max_iterations=2),
    "Loop in Parallel": lambda steps: Parallel(Loop(name="d", steps=steps, max_iterations=2), tells("y"), name="c"),
    "Loop in Condition": lambda steps: Condition(name="c", evaluator=True, steps=[Loop(name="d", steps=steps)]),
    "Condition in Router": lambda steps: Router(
        name="c", choices=[Condition(name="d", evaluator=True, steps=steps, human_review=FAIL)], selector=lambda s: "d"
    ),
}

STEPS: dict[str, Callable[[], Step]] = {
    "raises": lambda: fails(),
    "raises under skip": lambda: fails(human_review=SKIP),
    "raises under fail": lambda: fails(human_review=FAIL),
    "skips on failure": lambda: fails(skip_on_failure=True),
    "skips on failure under fail": lambda: fails(skip_on_failure=True, human_review=FAIL),
    "reports failure": lambda: says("reports", success=False, error="it did not work"),
    "reports failure without an error": lambda: says("reports", success=False),
}

RETRIED: dict[str, Callable[[], Step]] = {
    "raises after two retries": lambda: fails(max_retries=2),
    "raises after two retries under fail": lambda: fails(max_retries=2, human_review=FAIL),
    "skips on failure after two retries": lambda: fails(max_retries=2, skip_on_failure=True),
    "works at the last retry": lambda: fails(times=2, max_retries=2),
    "works at the first retry": lambda: fails(times=1, max_retries=2),
}


@pytest.mark.parametrize("step", [*STEPS.values(), *RETRIED.values()], ids=[*STEPS, *RETRIED])
async def test_a_failing_step_at_top_level(oracle: Oracle, step: Callable[[], Step]) -> None:
    await oracle.agrees(lambda: flow(says("first"), step(), tells(), agent("Last")), "go")


@pytest.mark.parametrize("step", [*STEPS.values(), *RETRIED.values()], ids=[*STEPS, *RETRIED])
async def test_a_failing_step_at_the_end(oracle: Oracle, step: Callable[[], Step]) -> None:
    await oracle.agrees(lambda: flow(says("first"), step()), "go")


@pytest.mark.parametrize("kind", ["raises", "raises under fail", "skips on failure", "reports failure"])
@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)
async def test_a_failing_step_in_a_container(oracle_with_db: Oracle, container: Any, kind: str) -> None:
    await oracle_with_db.agrees(
        lambda: flow(container([says("a"), STEPS[kind](), tells("b")]), tells(), agent("Last")), "go"
    )


@pytest.mark.parametrize("step", RETRIED.values(), ids=RETRIED)
async def test_a_retried_step_in_a_container(oracle: Oracle, step: Callable[[], Step]) -> None:
    await oracle.agrees(lambda: flow(Loop(name="c", steps=[Steps(name="d", steps=[step()])]), tells()), "go")


@pytest.mark.parametrize("on_error", ["skip", "fail"])
async def test_a_step_that_returns_a_failure_fails_the_run_only_under_fail(oracle: Oracle, on_error: str) -> None:
    def failed(step_input: StepInput) -> StepOutput:
        return StepOutput(content="c", success=False, error="it did not work")

    review = HumanReview(on_error=on_error)
    await oracle.agrees(lambda: flow(Step(name="subject", executor=failed, human_review=review), tells()), "go")


async def test_a_step_that_returns_a_failure_under_fail_and_skip_on_failure(oracle: Oracle) -> None:
    def failed(step_input: StepInput) -> StepOutput:
        return StepOutput(content="c", success=False, error="it did not work")

    await oracle.agrees(
        lambda: flow(Step(name="subject", executor=failed, human_review=FAIL, skip_on_failure=True), tells()), "go"
    )


@pytest.mark.parametrize("on_error", ["skip", "fail"])
async def test_an_agent_whose_model_fails(oracle: Oracle, on_error: str) -> None:
    def broken() -> Agent:
        return Agent(name="Ann", model=BrokenModel(), telemetry=False, retries=0)

    review = HumanReview(on_error=on_error)
    await oracle.agrees(
        lambda: flow(says("first"), Step(name="subject", agent=broken(), human_review=review, max_retries=0), tells())
    )


async def test_an_exception_without_a_text(oracle: Oracle) -> None:
    def raises(step_input: StepInput) -> str:
        raise KeyError

    await oracle.agrees(lambda: flow(Step(name="subject", executor=raises, max_retries=0), tells()), "go")


async def test_an_exception_whose_text_is_a_quoted_key(oracle: Oracle) -> None:
    def raises(step_input: StepInput) -> Any:
        return {}["missing"]

    await oracle.agrees(lambda: flow(Step(name="subject", executor=raises, max_retries=0), tells()), "go")


async def test_the_attempts_are_the_first_and_max_retries_more(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(fails("subject", max_retries=3)), "go")
    assert seen.stops[-1]["content"] == "Step skipped due to error: attempt 4 of subject"

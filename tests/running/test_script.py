"""agno's own loop in a plain script: run, answer, continue, until the run no longer waits.

The script of agno's documentation must work as it stands, with one line changed. There is no event loop in it, and what
it holds is agno's own objects.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal import DurableWorkflow, RunError, embedded
from agno_temporal.runtime import Embedded
from tests.running.scenes import FORM
from tests.support import eventually


@pytest.fixture(scope="module")
def runtime() -> Iterator[Embedded]:
    with embedded() as running:
        yield running


@pytest.fixture
def durable(runtime: Embedded, request: pytest.FixtureRequest) -> Callable[..., DurableWorkflow]:
    """Makes a durable workflow of steps, under a name of its own."""

    def make(*steps: Any) -> DurableWorkflow:
        return runtime.durable(Workflow(name=request.node.name, steps=list(steps)))

    return make


def gate(name: str = "gate", **review: Any) -> Step:
    def work(step_input: Any) -> str:
        given = (step_input.additional_data or {}).get("user_input")
        return f"{name} ran on {step_input.get_last_step_content() or step_input.input}" + (
            f" {given}" if given else ""
        )

    return Step(name=name, executor=work, human_review=HumanReview(**review))


def test_the_loop_for_confirmations(durable) -> None:
    workflow = durable(gate("fetch"), gate("store", requires_confirmation=True, confirmation_message="Store it?"))

    run = workflow.run("data")
    while run.is_paused:
        for requirement in run.steps_requiring_confirmation:
            assert requirement.confirmation_message == "Store it?"
            requirement.confirm()
        run = workflow.continue_run(run)

    assert isinstance(run, WorkflowRunOutput)
    assert (run.status, run.content) == (RunStatus.completed, "store ran on fetch ran on data")


def test_the_loop_for_input(durable) -> None:
    workflow = durable(gate(requires_user_input=True, user_input_schema=FORM))

    run = workflow.run("data")
    while run.is_paused:
        for requirement in run.steps_requiring_user_input:
            requirement.set_user_input(region="us", copies=2)
        run = workflow.continue_run(run)

    assert run.content == "gate ran on data {'region': 'us', 'copies': 2}"


def test_the_loop_for_output_reviews(durable) -> None:
    workflow = durable(gate("draft", requires_output_review=True, on_reject="retry"), gate("publish"))

    run = workflow.run("data")
    answers = iter(["reject", "edit"])
    while run.is_paused:
        for requirement in run.steps_requiring_output_review:
            assert requirement.step_output.content == "draft ran on data"
            if next(answers) == "reject":
                requirement.reject(feedback="shorter")
            else:
                requirement.edit("as edited")
        run = workflow.continue_run(run)

    assert run.content == "publish ran on as edited"


def test_the_loop_for_a_form_that_is_confirmed(durable) -> None:
    workflow = durable(gate(requires_confirmation=True, requires_user_input=True, user_input_schema=FORM))

    run = workflow.run("data")
    [requirement] = run.active_step_requirements
    requirement.set_user_input(region="us")
    requirement.confirm()

    assert workflow.continue_run(run).content == "gate ran on data {'region': 'us'}"


def test_a_rejection_ends_the_loop_with_the_run_cancelled(durable) -> None:
    workflow = durable(gate(requires_confirmation=True, on_reject="cancel"), gate("never"))

    run = workflow.run("data")
    run.steps_requiring_confirmation[0].reject()
    run = workflow.continue_run(run)

    assert (run.status, run.step_results) == (RunStatus.cancelled, [])


def test_the_loop_asks_in_every_iteration_of_a_loop(durable) -> None:
    workflow = durable(Loop(name="rounds", steps=[gate(requires_confirmation=True)], max_iterations=3))

    run, asked = workflow.run("data"), 0
    while run.is_paused:
        for requirement in run.steps_requiring_confirmation:
            asked += 1
            requirement.confirm()
        run = workflow.continue_run(run)

    assert (run.status, asked) == (RunStatus.completed, 3)


def test_all_open_gates_of_a_parallel_can_be_answered_at_once(durable) -> None:
    gates = [gate(name, requires_confirmation=True) for name in ("left", "right")]
    workflow = durable(Parallel(*gates, name="both"))

    run = workflow.run("data")
    for requirement in run.steps_requiring_confirmation:
        requirement.confirm()

    assert workflow.continue_run(run).status == RunStatus.completed


def test_of_several_open_gates_one_can_be_answered_first(durable) -> None:
    gates = [gate(name, requires_confirmation=True) for name in ("left", "right")]
    workflow = durable(Parallel(*gates, name="both"))

    run = workflow.run("data")
    run.steps_requiring_confirmation[1].confirm()
    run = workflow.continue_run(run)

    assert [requirement.step_name for requirement in run.steps_requiring_confirmation] == ["left"]


def test_a_run_that_fails_raises_with_the_run(durable) -> None:
    def fails(step_input: Any) -> str:
        raise RuntimeError("no space left")

    review = HumanReview(on_error="fail")
    workflow = durable(gate("first"), Step(name="fails", executor=fails, max_retries=0, human_review=review))
    with pytest.raises(RunError, match="no space left") as failed:
        workflow.run("data")

    assert failed.value.run_output.status == RunStatus.error
    assert failed.value.run_output.step_results[0].content == "first ran on data"


def test_the_paused_run_shows_where_it_waits(durable) -> None:
    workflow = durable(gate("first"), gate("second", requires_confirmation=True))

    run = workflow.run("data")

    assert (run.paused_step_index, run.paused_step_name) == (1, "second")
    assert [step.content for step in run.step_results] == ["first ran on data"]
    assert run.steps_requiring_confirmation[0].step_input.previous_step_content == "first ran on data"


def test_a_run_that_is_cancelled_from_the_script_cannot_be_continued(durable) -> None:
    workflow = durable(gate(requires_confirmation=True))
    run = workflow.run("data")
    assert workflow.cancel_run(run.run_id) is True

    async def cancelled() -> WorkflowRunOutput | None:
        now = workflow.get_run_output(run.run_id)
        return now if now.is_cancelled else None

    now = asyncio.run(eventually("the run to be cancelled", cancelled))
    with pytest.raises(ValueError, match="not paused"):
        workflow.continue_run(now)

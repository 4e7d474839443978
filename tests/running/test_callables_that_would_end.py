"""What a workflow asks its callables, where one of them would end its process, or its task.

`sys.exit`, and a cancellation that nobody asked for, are no exceptions to Python. Let through, Temporal would ask the
same again for ever, or run again the step that was asked along with it. An exception that cannot say anything, and one
that cannot be handed from a thread to a loop, would do the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Router, Step, Workflow
from agno.workflow.types import StepInput

from agno_temporal import RunError, StepOptions
from tests.differential.blocks import says
from tests.support import Bench


class Abandoned(BaseException):
    """Past every ``except Exception``, as the exceptions of test tools and of some libraries' timeouts are."""


class Mute(Exception):
    """One whose text cannot be read."""

    def __str__(self) -> str:
        raise AttributeError("missing")


ENDS = {"sys.exit": SystemExit(3), "CancelledError": asyncio.CancelledError(), "no Exception": Abandoned("gone")}
"""Also from a coroutine."""

ON_A_THREAD = {
    "sys.exit": SystemExit(3),
    "no Exception": Abandoned("gone"),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
    "StopIteration": StopIteration(),
    "without a text": Mute(),
}
"""From a function."""


def raises(error: BaseException) -> Callable[..., Any]:
    async def ends(*args: Any, **kwargs: Any) -> Any:
        raise error

    return ends


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
async def test_a_step_is_not_run_again_for_its_loops_end_condition(bench: Bench, error: BaseException):
    ran = list[str]()

    def charge(step_input: StepInput) -> str:
        ran.append("charged")
        return "charged"

    loop = Loop(name="l", steps=[Step(name="charge", executor=charge)], max_iterations=2, end_condition=raises(error))
    async with bench.worker(workflow := Workflow(name="w", steps=[loop])):
        run = await bench.durable(workflow).arun("go")
    assert (run.status, ran) == (RunStatus.completed, ["charged"] * 2)


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize(
    "node",
    [
        lambda ends: Condition(name="c", evaluator=ends, steps=[says("a")]),
        lambda ends: Router(name="r", choices=[says("a")], selector=ends),
    ],
    ids=["an evaluator", "a selector"],
)
async def test_a_container_that_cannot_be_asked_has_failed(bench: Bench, node: Any, error: BaseException):
    async with bench.worker(workflow := Workflow(name="w", steps=[node(raises(error))])):
        try:
            run = await bench.durable(workflow).arun("go")
        except RunError as failed:
            run = failed.run_output
    assert "a says" not in str(run.content)


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
async def test_a_review_that_cannot_be_asked_for_is_asked(bench: Bench, error: BaseException):
    review = HumanReview(requires_output_review=raises(error))
    async with bench.worker(workflow := Workflow(name="w", steps=[says("a", human_review=review)])):
        run = await bench.durable(workflow).arun("go")
    assert run.is_paused


def fails(error: BaseException, ran: list[str]) -> Callable[..., Any]:
    def run(step_input: StepInput) -> str:
        ran.append("ran")
        raise error

    return run


@pytest.mark.parametrize("error", ON_A_THREAD.values(), ids=ON_A_THREAD)
@pytest.mark.parametrize("quick", [False, True], ids=["regular", "quick"])
async def test_a_function_is_tried_as_often_as_its_author_said(bench: Bench, error: BaseException, quick: bool):
    ran = list[str]()
    step = Step(name="a", executor=fails(error, ran), max_retries=1)
    async with bench.worker(workflow := Workflow(name="w", steps=[step, says("b")]), steps=StepOptions(quick=quick)):
        run = await bench.durable(workflow).arun("go")
    assert (run.content, ran) == ("b says", ["ran"] * 2)


async def test_so_is_one_with_a_cause_that_says_nothing(bench: Bench):
    ran = list[str]()

    def run(step_input: StepInput) -> str:
        ran.append("ran")
        raise ValueError("said") from Mute()

    async with bench.worker(workflow := Workflow(name="w", steps=[Step(name="a", executor=run, max_retries=0)])):
        output = await bench.durable(workflow).arun("go")
    assert ran == ["ran"]
    assert "said" in str(output.step_results[0].content)


@pytest.mark.parametrize("error", ON_A_THREAD.values(), ids=ON_A_THREAD)
async def test_a_selector_on_a_thread_that_cannot_be_asked_has_failed(bench: Bench, error: BaseException):
    router = Router(name="r", choices=[says("a")], selector=fails(error, []))
    async with bench.worker(workflow := Workflow(name="w", steps=[router])):
        try:
            run = await bench.durable(workflow).arun("go")
        except RunError as failed:
            run = failed.run_output
    assert "a says" not in str(run.content)


def pops(step_input: StepInput, step_choices: list[Any]) -> Any:
    return step_choices.pop()


def sorts(step_input: StepInput, step_choices: list[Any]) -> Any:
    step_choices.sort(key=lambda step: step.name, reverse=True)
    return step_choices[0]


@pytest.mark.parametrize("selector", [pops, sorts])
async def test_a_selector_that_changes_the_list_it_is_given_gets_what_it_chose(bench: Bench, selector: Any):
    """And so does that of the next run on the worker."""
    router = Router(name="r", choices=[says("a"), says("b"), says("c")], selector=selector)
    async with bench.worker(workflow := Workflow(name="w", steps=[router, says("last")])):
        runs = [await bench.durable(workflow).arun("go") for _ in range(2)]
    assert [run.step_results[0].steps[0].content for run in runs] == ["c says"] * 2

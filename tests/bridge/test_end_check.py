"""A loop's end condition, asked by its iteration's last step or on its own: the answers are agno's."""

import threading

import pytest
from agno.workflow import Loop, Step, StepInput, StepOutput, Workflow

from agno_temporal.contract.tasks import EndCheck
from tests.bridge.by_hand import ByHand
from tests.bridge.written import leaf


def work(step_input: StepInput) -> StepOutput:
    return StepOutput(content="second")


def looping(end_condition) -> ByHand:
    steps = [Step(name="first", executor=work), Step(name="second", executor=work)]
    loop = Loop(name="again", steps=steps, end_condition=end_condition, max_iterations=3)
    return ByHand(Workflow(name="w", steps=[loop], telemetry=False), "x")


async def both_answers(end_condition, iteration: int = 1) -> tuple[bool | None, bool]:
    """With the last step's activity, and asked alone."""
    run = looping(end_condition)
    first = leaf("first", "first", "0/loop/0#1")
    last = await run.result("0/loop/1", ("first", first), end_check=EndCheck("0", iteration, 3, (first,)))
    outputs = (first, leaf("second", "second", "0/loop/1#1"))
    alone = await run.ask("0", "end_condition", outputs=outputs, iteration=iteration, max_iterations=3)
    return last.ends_loop, alone.value


async def asynchronous(outputs):
    return len(outputs) == 2


class AsyncObject:
    async def __call__(self, outputs):
        return False


@pytest.mark.parametrize(
    ("end_condition", "ends"),
    [
        pytest.param(
            lambda outputs: [output.content for output in outputs] == ["first", "second"], True, id="all-outputs"
        ),
        pytest.param(lambda outputs: outputs[1:], True, id="truthy"),
        pytest.param(lambda outputs: threading.current_thread() is threading.main_thread(), False, id="off-the-loop"),
        pytest.param(lambda outputs: 1 / 0, False, id="raises"),
        pytest.param(asynchronous, True, id="coroutine-function"),
        pytest.param(AsyncObject(), False, id="asynchronous-object"),
        pytest.param(lambda outputs: AsyncObject()(outputs), False, id="coroutine-from-a-lambda"),
        pytest.param("current_iteration == 1 && max_iterations == 3", True, id="cel"),
        pytest.param('last_step_content == "first"', False, id="cel-false"),
        pytest.param("no_such_name == 1", False, id="cel-raises"),
    ],
)
async def test_an_end_condition_says_the_same_with_the_last_step_and_alone(end_condition, ends):
    assert await both_answers(end_condition) == (ends, ends)


async def test_a_step_that_is_not_asked_says_nothing():
    assert (await looping(lambda outputs: True).result("0/loop/1")).ends_loop is None


async def test_a_condition_whose_answer_has_no_truth_does_not_repeat_the_step_that_ran():
    class NoTruth:
        def __bool__(self):
            raise ValueError("ambiguous")

    run = looping(lambda outputs: NoTruth())
    assert (await run.result("0/loop/1", end_check=EndCheck("0", 1, 3))).ends_loop is False
    assert (await run.ask("0", "end_condition", outputs=(leaf("a"),))).error == "ambiguous"

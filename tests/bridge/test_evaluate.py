"""Evaluators, selectors and review predicates: agno's answers, and failures as data."""

import threading
from dataclasses import replace

import pytest
from agno.workflow import Condition, HumanReview, Router, Step, StepInput, Workflow

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.evaluate import evaluate
from agno_temporal.agno_bridge.lookup import StepBlocked
from agno_temporal.agno_bridge.values import NotSerialisable
from agno_temporal.contract.tasks import EvaluateTask, Flow
from tests.bridge.by_hand import ByHand, in_thread
from tests.bridge.written import group, leaf


def work(step_input: StepInput) -> str:
    return "worked"


def deciding(evaluator, **options) -> ByHand:
    condition = Condition(name="check", evaluator=evaluator, steps=[Step(name="work", executor=work)])
    return ByHand(Workflow(name="w", steps=[condition], telemetry=False), "bees", **options)


async def asynchronous(step_input, run_context):
    return run_context.session_state["n"] == 1


class AsyncObject:
    async def __call__(self, step_input):
        return step_input.input == "bees"


@pytest.mark.parametrize(
    ("evaluator", "met"),
    [
        pytest.param(lambda step_input: step_input.input == "bees", True, id="of-the-input"),
        pytest.param(
            lambda step_input: step_input.previous_step_content == "1 results", True, id="containers-own-text"
        ),
        pytest.param(lambda step_input: "yes", False, id="not-a-bool"),
        pytest.param(
            lambda step_input: threading.current_thread() is threading.main_thread(), False, id="off-the-loop"
        ),
        pytest.param(asynchronous, True, id="coroutine-function-with-context"),
        pytest.param(AsyncObject(), True, id="asynchronous-object"),
        pytest.param('input == "bees" && session_state.n == 1', True, id="cel"),
        pytest.param("no_such_name", False, id="cel-raises"),
    ],
)
async def test_an_evaluator_decides(evaluator, met):
    previous = ("box", group("Steps", leaf("a", 1, "7#1"), content="1 results"))
    answer = await deciding(evaluator, state={"n": 1}).ask("0", "evaluator", previous)
    assert (answer.value, answer.error, answer.change) == (met, None, None)


async def test_an_evaluator_that_raises_answers_with_its_error_and_what_it_did_to_the_state():
    def fail(step_input, run_context):
        run_context.session_state["tried"] = True
        raise LookupError("no rows")

    answer = await deciding(fail).ask("0", "evaluator")
    assert (answer.error, answer.error_type, answer.change.set) == ("no rows", "LookupError", {"tried": True})


async def test_an_evaluator_that_leaves_a_lock_in_the_state_is_refused():
    def leave(step_input, run_context):
        run_context.session_state["lock"] = threading.Lock()
        return True

    with pytest.raises(NotSerialisable, match=r'step \'0\' \("check"\) session_state.lock'):
        await deciding(leave).ask("0", "evaluator")


A, B = Step(name="a", executor=work), Step(name="b", executor=work)
STRANGER = Step(name="stranger", executor=work)


def routing(selector) -> ByHand:
    router = Router(name="route", selector=selector, choices=[A, B, [A, B], work])
    return ByHand(Workflow(name="w", steps=[router], telemetry=False), "bees")


async def asynchronous_selector(step_input):
    return "b"


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        pytest.param(lambda step_input: "b", (1,), id="name"),
        pytest.param(lambda step_input: A, (0,), id="object"),
        pytest.param(lambda step_input: ["b", [A, "b"]], (1, 0, 1), id="nested-lists"),
        pytest.param(lambda step_input: Step(name="a", executor=work), (0,), id="another-object-of-its-name"),
        pytest.param(lambda step_input, step_choices: step_choices[2:], (2, 3), id="choices-that-agno-wrapped"),
        pytest.param(lambda step_input: "steps_group_2", (2,), id="name-of-a-list"),
        pytest.param(lambda step_input: ["nowhere", "a"], (0,), id="unknown-name"),
        pytest.param(lambda step_input: None, (), id="nothing"),
        pytest.param(lambda step_input: work, (), id="bare-function"),
        pytest.param(asynchronous_selector, (1,), id="coroutine-function"),
        pytest.param("step_choices[1]", (1,), id="cel"),
        pytest.param("no_such_name", (), id="cel-raises"),
    ],
)
async def test_a_selector_picks_choices_of_the_plan(selector, selected):
    assert (await routing(selector).ask("0", "selector")).selected == selected


async def test_a_step_that_is_not_among_the_choices_is_named():
    answer = await routing(lambda step_input: [A, STRANGER]).ask("0", "selector")
    assert answer.error == (
        'The selector of router "route" returned the step "stranger", which is not one of its choices '
        '("a", "b", "steps_group_2", "work"). Add it to the choices.'
    )
    assert (answer.error_type, answer.selected) == ("NotAChoice", ())


def reviewing(predicate) -> ByHand:
    step = Step(name="work", executor=work, human_review=HumanReview(requires_output_review=predicate))
    return ByHand(Workflow(name="w", steps=[step], telemetry=False), "bees")


async def asynchronous_predicate(output):
    return output.content == "short"


@pytest.mark.parametrize(
    ("predicate", "asks"),
    [
        (lambda output: len(output.content), True),
        (lambda output: threading.current_thread() is threading.main_thread(), False),
        (asynchronous_predicate, True),
        (lambda output: asynchronous_predicate(output), True),
    ],
    ids=["truthy", "off-the-loop", "coroutine-function", "coroutine-from-a-lambda"],
)
async def test_a_predicate_says_whether_a_human_looks(predicate, asks):
    answer = await reviewing(predicate).ask("0", "review", outputs=(leaf("work", "short"),))
    assert (answer.value, answer.error) == (asks, None)


async def test_a_predicate_that_raises_answers_with_its_error():
    answer = await reviewing(lambda output: output.content["x"]).ask("0", "review", outputs=(leaf("work", "short"),))
    assert (answer.value, answer.error_type) == (False, "TypeError")


async def test_a_node_that_has_become_another_kind_blocks():
    run = deciding(lambda step_input: True)
    task = EvaluateTask(run.facts, "0", "check", "selector", Flow())
    with pytest.raises(StepBlocked, match="the run's plan has a selector here, and this worker's workflow has none"):
        await evaluate(run.compiled.live["0"], task, run.request, Bodies(task), in_thread)
    assert (
        await evaluate(run.compiled.live["0"], replace(task, what="evaluator"), run.request, Bodies(), in_thread)
    ).value

"""Asking a node's callables: evaluators, selectors, end conditions, review predicates, and schemas of inputs.

agno's own methods do the asking, so that CEL, warnings and the treatment of odd answers stay agno's. What they raise is
returned as data, because what it means is for the plan to say: a condition's `on_error`, or "ask the human".
"""

from __future__ import annotations

import copy
import inspect
from functools import partial
from typing import Any

from agno.exceptions import RunCancelledException
from agno.workflow import Router, Step, Workflow
from agno.workflow.types import StepOutput

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.callers import RunInThread, is_asked_for, plain_callable, settled
from agno_temporal.agno_bridge.live import LiveCondition, LiveLoop, LiveNode, LiveRouter, LiveStep
from agno_temporal.agno_bridge.lookup import StepBlocked, place
from agno_temporal.agno_bridge.refusals import shown
from agno_temporal.agno_bridge.run_context import surroundings
from agno_temporal.agno_bridge.session_state import LiveState
from agno_temporal.agno_bridge.step_inputs import fit_input, run_input, step_input, validated_input
from agno_temporal.agno_bridge.step_outputs import step_output
from agno_temporal.contract.errors import text_of
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import Evaluated, EvaluateTask


async def evaluate(
    live: LiveNode, task: EvaluateTask, request: RunRequest, bodies: Bodies, run_in_thread: RunInThread
) -> Evaluated:
    """Ask a callable once.

    Args:
        live: The node at the task's path.
        request, bodies, run_in_thread: As for `execute.run_leaf`.

    Raises:
        StepBlocked: The node has no such callable in this worker's definition.
        RunCancelledException: The callable cancels the run.
        NotSerialisable: It left in the session state what cannot be kept.
        TypeNotLoaded, MalformedValue: What it would be given cannot be read by this worker.
    """
    match task.what, live:
        case "evaluator", LiveCondition():
            return await _with_input(live, task, request, bodies, run_in_thread)
        case "selector", LiveRouter() if live.router.selector is not None:
            return await _with_input(live, task, request, bodies, run_in_thread)
        case "end_condition", LiveLoop() if live.loop.end_condition is not None:
            outputs = [step_output(output, bodies) for output in task.outputs]
            return await _answered(loop_ends(live, outputs, task.iteration, task.max_iterations, run_in_thread))
        case "review", LiveStep(step=reviewed) | LiveRouter(router=reviewed) if _has_review(reviewed):
            return await _answered(_must_review(reviewed, step_output(task.outputs[0], bodies), run_in_thread))
        case "input", LiveStep(step=Step(workflow=Workflow() as nested)):
            return await _answered(_fits(nested, run_input(task.flow.input, request, bodies)))
    raise StepBlocked(
        f"{place(task.path, task.name)}: the run's plan has {_WHAT[task.what]} here, and this worker's workflow has "
        "none. Deploy a version that has it, or cancel the run."
    )


_WHAT = {
    "evaluator": "an evaluator",
    "selector": "a selector",
    "end_condition": "an end condition",
    "review": "a review of the output",
    "input": "a nested workflow",
}


def _has_review(reviewed: Step | Router) -> bool:
    """Whether it still asks of its output, always or by a predicate: the run's plan does."""
    return bool(reviewed.human_review and reviewed.human_review.requires_output_review)


async def loop_ends(
    live: LiveLoop, outputs: list[StepOutput], iteration: int, max_iterations: int, run_in_thread: RunInThread
) -> bool:
    """What a loop's end condition says of one iteration; False where it raises (agno/workflow/loop.py:318).

    Args:
        outputs: The outputs of that iteration.
        iteration: Its number, from 1.
        max_iterations: The plan's, which may not be the live loop's any more.
    """
    loop = copy.copy(live.loop)
    loop.max_iterations = max_iterations
    loop.end_condition = plain_callable(loop.end_condition)
    if inspect.iscoroutinefunction(loop.end_condition):
        return bool(await loop._aevaluate_end_condition(outputs, iteration))
    return bool(await settled(await run_in_thread(partial(loop._evaluate_end_condition, outputs, iteration))))


async def _with_input(
    live: LiveCondition | LiveRouter,
    task: EvaluateTask,
    request: RunRequest,
    bodies: Bodies,
    run_in_thread: RunInThread,
) -> Evaluated:
    state = LiveState.open(task.state, live.owner, task.facts)
    nested = not task.flow.with_additional_data
    around = surroundings(live.owner, task.facts, request, state, nested)
    given = step_input(task.flow, request, bodies, task.extras)
    arguments: dict[str, Any] = {
        "step_input": given,
        "session_state": state.values,
        "run_context": around.context,
    }
    answer: dict[str, Any]
    try:
        fit_input(given, live.owner, task.flow)
        if isinstance(live, LiveCondition):
            answer = {"value": await _evaluated(live, arguments, run_in_thread)}
        else:
            answer = {"selected": await _selected(live, arguments, run_in_thread)}
    except BaseException as error:
        answer = _failure(error)
    return Evaluated(**answer, change=state.change(f"{place(task.path, task.name)} session_state"))


async def _evaluated(live: LiveCondition, arguments: dict[str, Any], run_in_thread: RunInThread) -> bool:
    condition = copy.copy(live.condition)
    condition.evaluator = plain_callable(condition.evaluator)
    if inspect.iscoroutinefunction(condition.evaluator):
        return bool(await condition._aevaluate_condition(**arguments))
    return bool(await run_in_thread(partial(condition._evaluate_condition, **arguments)))


async def _selected(live: LiveRouter, arguments: dict[str, Any], run_in_thread: RunInThread) -> tuple[int, ...]:
    router = copy.copy(live.router)
    router.steps = list(router.steps)  # A selector is handed this list, and may change it.
    router.selector = plain_callable(router.selector)
    steps: list[Any]
    if inspect.iscoroutinefunction(router.selector):
        steps = await router._aroute_steps(**arguments)
    else:
        steps = await run_in_thread(partial(router._route_steps, **arguments))
    return tuple(_choice(live, step) for step in steps)


class NotAChoice(LookupError):
    """A selector returned a step that its router does not have."""


def _choice(live: LiveRouter, step: Any) -> int:
    """Which choice of the plan it is: that very object, or else one of its name.

    agno runs any other step with a warning (agno/workflow/router.py:520). Such a step is in no plan.
    """
    if (index := live.index_of(step)) is not None:
        return index
    names = [getattr(choice, "name", None) for choice in live.router.steps]
    if step.name is not None and step.name in names:
        return names.index(step.name)
    raise NotAChoice(
        f"The selector of router {shown(live.router.name)} returned the step {shown(step.name)}, which is not one of "
        f"its choices ({', '.join(map(shown, names))}). Add it to the choices."
    )


async def _must_review(reviewed: Step | Router, output: StepOutput, run_in_thread: RunInThread) -> bool:
    predicate = plain_callable(reviewed.human_review.requires_output_review)
    if not callable(predicate):
        return bool(predicate)
    if inspect.iscoroutinefunction(predicate):
        return bool(await predicate(output))
    return bool(await settled(await run_in_thread(partial(predicate, output))))


async def _fits(nested: Workflow, given: Any) -> bool:
    validated_input(nested, given)
    return True


async def _answered(question: Any) -> Evaluated:
    try:
        return Evaluated(value=await question)
    except BaseException as error:
        return Evaluated(**_failure(error))


def _failure(error: BaseException) -> dict[str, Any]:
    """What a callable raised. That the run is to be cancelled, by itself or from outside, is no answer of its."""
    if isinstance(error, RunCancelledException) or is_asked_for(error):
        raise error
    text = f"sys.exit({error.code!r}) was called" if isinstance(error, SystemExit) else text_of(error)
    return {"error": text, "error_type": type(error).__name__}

"""Running one leaf: agno's own `Step`, with everything around it that agno's engine would supply.

What agno does around a step is not in the step: the session state, the merged dependencies, the ids, the collection of
the executor's runs, and the mark that keeps an agent from writing a session of its own (agno/workflow/workflow.py:3916,
11430). A step that is executed without them behaves differently, and nobody notices until a tool reads its state.

Once the step's code has run, its work is done and may not be repeated. So nothing behind it raises except for a result
that cannot be kept, and a loop's end condition that fails counts as "go on", as in agno.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from agno.run.cancel import acleanup_member_runs
from agno.session.workflow import WorkflowSession
from agno.utils.log import logger
from agno.workflow import Step
from agno.workflow.step import _is_async_callable, _is_async_generator_function
from agno.workflow.types import StepInput, StepOutput

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.callers import RunInThread, is_asked_for
from agno_temporal.agno_bridge.evaluate import loop_ends
from agno_temporal.agno_bridge.executor_pause import answer_run, collecting, go_on, refuse_other_executor
from agno_temporal.agno_bridge.live import LiveLoop, LiveStep
from agno_temporal.agno_bridge.lookup import place
from agno_temporal.agno_bridge.lost_tools import refuse_lost_tools
from agno_temporal.agno_bridge.media import MEDIA
from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.run_context import Surroundings, surroundings
from agno_temporal.agno_bridge.session_state import LiveState
from agno_temporal.agno_bridge.step_bodies import Measure, step_body
from agno_temporal.agno_bridge.step_inputs import fit_input, step_input
from agno_temporal.agno_bridge.step_outputs import final_content, step_output
from agno_temporal.agno_bridge.tap import Tap, tapped
from agno_temporal.agno_bridge.tool_questions import UnsupportedAtRunTime, pause_of
from agno_temporal.agno_bridge.workflow_agent import as_told, ask_workflow_agent, has_run_the_steps
from agno_temporal.agno_bridge.workflow_function import call_workflow_function
from agno_temporal.contract.errors import text_of
from agno_temporal.contract.outputs import DIGEST_LENGTH
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import ContinueTask, ExecutorPause, StepResult, StepTask
from agno_temporal.hitl import ToolAnswer


async def run_leaf(
    live: LiveStep,
    task: StepTask,
    request: RunRequest,
    bodies: Bodies,
    run_in_thread: RunInThread,
    *,
    loop: LiveLoop | None = None,
    session: WorkflowSession | None = None,
    tap: Tap | None = None,
) -> StepResult:
    """Run a leaf step once.

    Args:
        request: The run's request: `task.facts.request`, or what the caller read where that is None.
        bodies: Made of this task, with nothing missing.
        run_in_thread: For synchronous functions. Agents, teams and coroutine functions run on the loop.
        loop: The loop of `task.end_check`, where there is one.
        session: The workflow's session, for steps that read earlier runs.
        tap: Listens to the executor.

    Raises:
        NotSerialisable: What it returned, or left in the session state, cannot be kept.
        UnsupportedAtRunTime: It paused for a human as no answer can resolve.
        TypeNotLoaded, MalformedValue: What it would be given cannot be read by this worker.
        Exception: Whatever the step's own code raised.
    """
    where = place(task.path, task.name)
    state = LiveState.open(task.state, live.owner, task.facts)
    nested = not task.flow.with_additional_data
    around = surroundings(live.owner, task.facts, request, state, nested)
    given = step_input(task.flow, request, bodies, task.extras)
    earlier = [step_output(output, bodies) for output in task.end_check.earlier] if task.end_check else []

    fit_input(given, live.owner, task.flow)
    if live.function is not None:
        own_request = None if nested else request
        output = await call_workflow_function(live, given, state.values, own_request, run_in_thread)
    elif live.is_workflow_agent:
        output = await ask_workflow_agent(live, given, around, session, tap)
    else:
        output = await _executed(live, given, around, run_in_thread, session, tap)
    result = _result(live, where, output, around, state, tap)  # Before a condition may change what it is shown.
    return replace(result, ends_loop=await _ends_loop(loop, task, [*earlier, output], run_in_thread))


async def continue_leaf(
    live: LiveStep,
    task: ContinueTask,
    request: RunRequest,
    bodies: Bodies,
    run_in_thread: RunInThread,
    *,
    loop: LiveLoop | None = None,
    tap: Tap | None = None,
) -> StepResult:
    """Let the paused agent or team of a leaf go on, once. Every attempt starts from the run as it paused.

    Args:
        bodies, run_in_thread, loop, tap: As for `run_leaf`.

    Raises:
        NotSerialisable, UnsupportedAtRunTime: As for `run_leaf`.
        StepBlocked: The step has no such executor any more, or that has not the tools, or not the members.
        TypeNotLoaded, MalformedValue: The paused run cannot be read by this worker.
        Exception: Whatever the executor's own code raised.
    """
    where = place(task.path, task.name)
    state = LiveState.open(task.state, live.owner, task.facts)
    around = surroundings(live.owner, task.facts, request, state, task.nested)
    earlier = [step_output(output, bodies) for output in task.end_check.earlier] if task.end_check else []
    run = bodies.runs(task.paused)[0]
    refuse_other_executor(live.step, run, where)
    answer_run(run, {**task.answers, **_told(task, bodies)}, where)

    executor: Any = live.step.active_executor
    if not live.is_workflow_agent:
        refuse_lost_tools(executor, run, where)
    elif has_run_the_steps(run):
        tap = None  # Its text says again what they have said: agno drops it (agno/workflow/workflow.py:6270).
    _claim(executor, workflow_id_of(live.owner) or task.facts.run_id)
    await live.owner._arefresh_executor_run_media(executor, run)
    try:
        output = await go_on(live.step, run, around, where, tap)
    finally:
        await acleanup_member_runs(around.context.run_id)
    result = _result(live, where, output, around, state, tap)  # Before a condition may change what it is shown.
    return replace(result, ends_loop=await _ends_loop(loop, task, [*earlier, output], run_in_thread))


def _told(task: ContinueTask, bodies: Bodies) -> dict[str, ToolAnswer]:
    """The answers to a workflow's agent, which are contents of its steps."""
    return {
        call: ToolAnswer(result=as_told(final_content([step_output(output, bodies)])))
        for call, output in (task.contents or {}).items()
    }


def _result(
    live: LiveStep,
    where: str,
    output: StepOutput,
    around: Surroundings,
    state: LiveState,
    tap: Tap | None,
) -> StepResult:
    runs: Any = around.scratch.step_executor_runs or ()
    pause = _pause(live.step, output, runs, where)
    keeps_runs = live.owner.store_executor_outputs or live.is_workflow_agent
    body = step_body(output, runs if pause or keeps_runs else (), where)
    measure = Measure.of(body)
    return StepResult(
        body=body,
        digest=measure.digest[:DIGEST_LENGTH],
        size=measure.size,
        success=bool(output.success),
        stop=bool(output.stop),
        media=any(getattr(output, kind) for kind in MEDIA),
        error=None if output.error is None else str(output.error),
        change=state.change(f"{where} session_state"),
        pause=pause,
        events=(tap.close() if tap else None) or None,
    )


def as_read_by(live: LiveStep, task: StepTask) -> StepTask:
    """The task with only those earlier outputs that the step's executor reads: of an agent or a team, the last one
    (agno/workflow/step.py:2663). Make `Bodies` of this, and nothing is fetched in vain."""
    if live.step.executor_type == "function":
        return task
    return replace(task, flow=replace(task.flow, previous=task.flow.previous[-1:], listed=None))


async def _executed(
    live: LiveStep,
    given: StepInput,
    around: Surroundings,
    run_in_thread: RunInThread,
    session: WorkflowSession | None,
    tap: Tap | None,
) -> StepOutput:
    owner = live.owner
    step = live.step if tap is None else tapped(live.step, tap)
    arguments: dict[str, Any] = {
        "step_input": given,
        "session_id": around.context.session_id,
        "user_id": around.context.user_id,
        "workflow_run_response": around.scratch,
        "run_context": around.context,
        "store_executor_outputs": True,  # What pauses has to be kept, whatever is shown later (D23).
        "workflow_media_storage": owner.media_storage,
        "workflow_session": session,
        "add_workflow_history_to_steps": owner.add_workflow_history_to_steps or None,
        "num_history_runs": owner.num_history_runs,
        "add_dependencies_to_context": around.add_dependencies_to_context,
        "add_session_state_to_context": around.add_session_state_to_context,
    }
    output: StepOutput
    if _blocks(step):
        output = await run_in_thread(partial(step.execute, **arguments))
        return output
    _claim(live.step.active_executor, workflow_id_of(owner) or around.scratch.run_id)
    try:
        output = await collecting(step).aexecute(**arguments)
        return output
    finally:
        await acleanup_member_runs(around.context.run_id)


def _blocks(step: Step) -> bool:
    """Whether agno would call it on the event loop: a function, or generator function, that is not asynchronous."""
    if step.executor_type != "function":
        return False
    return not _is_async_callable(step.active_executor) and not _is_async_generator_function(step.active_executor)


def _claim(executor: Any, workflow_id: str | None) -> None:
    """Mark an agent or team as part of a workflow: it then writes no session of its own (agno/agent/_storage.py:666).

    agno does so for top-level steps only; those in containers write a session under the workflow's session id.
    """
    members = getattr(executor, "members", None)
    for one in (executor, *(members if isinstance(members, list | tuple) else ())):
        if hasattr(one, "workflow_id"):
            one.workflow_id = workflow_id


def _pause(step: Step, output: StepOutput, runs: Sequence[Any], where: str) -> ExecutorPause | None:
    if not output.is_paused:
        return None
    if step.executor_type == "function":
        raise UnsupportedAtRunTime(
            f"{where}: the function returned StepOutput(is_paused=True), which only agents and teams may. Ask with "
            "HumanReview(...) on the step instead."
        )
    return pause_of(step.active_executor, runs[0], where)


async def _ends_loop(
    loop: LiveLoop | None, task: StepTask | ContinueTask, outputs: list[StepOutput], run_in_thread: RunInThread
) -> bool | None:
    check = task.end_check
    if check is None or loop is None or outputs[-1].is_paused:
        return None
    try:
        return await loop_ends(loop, outputs, check.iteration, check.max_iterations, run_in_thread)
    except BaseException as error:
        if is_asked_for(error):
            raise
        logger.warning("End condition evaluation failed: %s", text_of(error))
        return False

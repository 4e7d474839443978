"""The interpreter's calls to activities.

What is called, by which name, under which id and in which order is in the history, and a replay must call the same. So
activity ids come from the plan's paths, and tell a reader which step an event is of. What a task carries is decided in
`packing`, and how it is sent in `sending`.
"""

from __future__ import annotations

import asyncio
import functools
from dataclasses import replace

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.contract.chapter import Carried, CarryTask, Kept
from agno_temporal.contract.journal import Ran, Told
from agno_temporal.contract.notices import NotifyTask
from agno_temporal.contract.outputs import Leaf, Output
from agno_temporal.contract.tasks import (
    ContinueTask,
    EndCheck,
    Evaluated,
    EvaluateTask,
    EventTimes,
    EventTimeTask,
    Listed,
    OpenedRun,
    OpenTask,
    StepResult,
    StepTask,
    Tried,
)
from agno_temporal.hitl import ToolAnswer
from agno_temporal.plan import NO_OPTIONS, Call, Node, StepNode
from agno_temporal.plan.data import from_json, to_json
from agno_temporal.workflows import quick
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.journal import current
from agno_temporal.workflows.packing import bare_check, extras, inlined, measured, stream_options, trimmed
from agno_temporal.workflows.report import manifest_json
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.sending import local, regular, temporal_options
from agno_temporal.workflows.shared_plans import opened_run
from agno_temporal.workflows.step_events import tell_completed, tell_output

KEPT_BYTES = 4 * 1024
"""Up to this size an output stays in the run's memory, to be inlined."""


async def open_run(state: RunState) -> OpenedRun:
    """Open the run: at once where that is a matter of milliseconds, else for as long as it takes."""
    opened = await open_at_once(state)
    if opened.problem is None or opened.final:
        return opened
    return opened_run(await regular(state, names.OPEN_RUN, _open_task(state), "open_run"))


async def open_at_once(state: RunState, *, cancelled: bool = False) -> OpenedRun:
    """Open the run, if that is a matter of milliseconds. For one that is cancelled nothing is written."""
    return opened_run(await local(state, names.OPEN_RUN, _open_task(state, cancelled=cancelled)))


def _open_task(state: RunState, *, cancelled: bool = False) -> object:
    info = workflow.info()
    is_new = info.run_id == info.first_execution_run_id  # After a reset it is the first one's still.
    taken_at = info.workflow_start_time.timestamp() if is_new else None
    return to_json(
        OpenTask(state.workflow_id, state.run_id, state.request, state.started_at, cancelled, is_new, taken_at)
    )


async def run_leaf(state: RunState, node: StepNode, frame: Frame, end_check: EndCheck | None) -> Ran:
    """Run a leaf step.

    Raises:
        StepFailed: The step's own code failed for good.
        RunFailed: Its result, or its input, cannot be kept.
    """
    return await current().called(Ran, lambda: _run_leaf(state, node, frame, end_check))


async def _run_leaf(state: RunState, node: StepNode, frame: Frame, end_check: EndCheck | None) -> Ran:
    await state.pace.safe_point()
    occurrence = state.next_occurrence(node.path)
    activity_id = names.step_activity_id(node.path, occurrence)
    task = StepTask(
        facts=state.facts,
        path=node.path,
        name=node.name,
        occurrence=occurrence,
        flow=inlined(frame, node),
        max_retries=node.max_retries,
        state=frame.state.values or None,
        extras=extras(frame),
        end_check=bare_check(end_check),
        **stream_options(state, node),
    )
    state.mark(node.path, "running", occurrence)
    state.events.add_of(node.path, "StepStarted", activity_id=activity_id)
    return await _called(state, node, frame, names.RUN_STEP, task, activity_id)


async def continue_executor(
    state: RunState,
    node: StepNode,
    frame: Frame,
    end_check: EndCheck | None,
    paused: Leaf,
    activity_id: str,
    answers: dict[str, ToolAnswer],
    contents: dict[str, Output] | None = None,
) -> Ran:
    """Let the agent or team of a leaf go on, whose paused run is in `paused`. Otherwise as `run_leaf`."""
    work = functools.partial(_continue_executor, state, node, frame, end_check, paused, activity_id, answers, contents)
    return await current().called(Ran, work)


async def _continue_executor(
    state: RunState,
    node: StepNode,
    frame: Frame,
    end_check: EndCheck | None,
    paused: Leaf,
    activity_id: str,
    answers: dict[str, ToolAnswer],
    contents: dict[str, Output] | None,
) -> Ran:
    await state.pace.safe_point()
    task = ContinueTask(
        facts=state.facts,
        path=node.path,
        name=node.name,
        paused=paused,
        answers=answers,
        contents=contents or None,
        max_retries=node.max_retries,
        nested=not frame.flow.with_additional_data,
        state=frame.state.values or None,
        end_check=bare_check(end_check),
        **stream_options(state, node),
    )
    state.mark(node.path, "running")
    return await _called(state, node, frame, names.CONTINUE_EXECUTOR, task, activity_id)


async def _called(
    state: RunState, node: StepNode, frame: Frame, name: str, task: StepTask | ContinueTask, activity_id: str
) -> Ran:
    """What a leaf's activity answers, with what it did to the session state."""
    argument = measured(task, node, frame.width)
    result = None
    if isinstance(task, StepTask) and quick.may_be_tried(state, node):
        tried = await quick.tried(state, node, argument, activity_id)
        result = tried.result
        if tried.error is not None:
            argument = to_json(await _failed(state, node, task, tried))
    if result is None:
        answer = await regular(state, name, argument, activity_id, node=node, summary=node.name, options=node.options)
        result = from_json(StepResult, answer)
        if isinstance(task, StepTask):
            frame.row.listed = Listed(activity_id, len(frame.flow.previous))
    frame.state.apply(result.change)
    return _told(state, node, frame, activity_id, result)


async def _failed(state: RunState, node: StepNode, task: StepTask, tried: Tried) -> StepTask:
    """What is tried next, and when: the failure of a local attempt counts as any other.

    Raises:
        StepFailed: It has no retries.
    """
    if node.max_retries < 1:
        raise StepFailed(tried.error or "", tried.error_type)
    await quick.pause(state, temporal_options(node.options)["retry_policy"].initial_interval.total_seconds())
    return replace(task, failures=1)


async def evaluate(
    state: RunState,
    node: Node,
    frame: Frame,
    what: str,
    call: Call,
    outputs: tuple[Output, ...] = (),
    iteration: int = 0,
    max_iterations: int = 0,
) -> Evaluated:
    """Ask one of a node's callables. A CEL expression is answered by a local activity where it can be."""
    work = functools.partial(_evaluate, state, node, frame, what, call, outputs, iteration, max_iterations)
    return (await current().called(Told, work)).answer


async def _evaluate(
    state: RunState,
    node: Node,
    frame: Frame,
    what: str,
    call: Call,
    outputs: tuple[Output, ...],
    iteration: int,
    max_iterations: int,
) -> Told:
    await state.pace.safe_point()
    task = measured(
        EvaluateTask(
            facts=state.facts,
            path=node.path,
            name=node.name,
            what=what,
            flow=inlined(frame, node),
            state=frame.state.values or None,
            outputs=tuple(trimmed(output) for output in outputs),
            iteration=iteration,
            max_iterations=max_iterations,
            extras=extras(frame),
        ),
        node,
        frame.width,
    )
    occurrence = state.next_occurrence(f"{node.path}:{what}")
    answer = (
        from_json(Evaluated, await local(state, names.EVALUATE, task)) if call is Call.CEL else Evaluated(later=True)
    )
    if answer.later:
        data = await regular(
            state,
            names.EVALUATE,
            task,
            names.evaluate_activity_id(node.path, what, occurrence),
            node=node,
            summary=f"{node.name}: {what}",
            options=node.options if isinstance(node, StepNode) else NO_OPTIONS,
        )
        answer = from_json(Evaluated, data)
    frame.state.apply(answer.change)
    return Told(replace(answer, change=None))


async def event_times(state: RunState, ordinals: tuple[int, ...]) -> EventTimes:
    """When these signals were written, by the server's clock."""
    activity_id = f"event_time#{state.next_occurrence('event_time')}"
    answer = await regular(state, names.EVENT_TIME, to_json(EventTimeTask(ordinals)), activity_id)
    return from_json(EventTimes, answer)


async def project(state: RunState) -> None:
    """Write the run, as it stands, to agno's database; until it is written, nothing is announced."""
    if state.writing_anew is not None:
        await asyncio.shield(state.writing_anew)
    await write_rows(state)


async def write_rows(state: RunState) -> None:
    """`project`, without waiting for the rows that are being written after a reset."""
    put_back, state.put_back = state.put_back, False
    if state.plan is None or not state.plan.has_db:
        return
    try:
        await quick.recorded(state)
        number = state.next_occurrence("project")
        manifest = manifest_json(replace(state.manifest(), put_back=put_back, as_of=state.as_of(number)))
        activity_id = f"project#{number}"
        if not (await local(state, names.PROJECT, manifest)).get("written"):
            await regular(state, names.PROJECT, manifest, activity_id)
    except asyncio.CancelledError:
        state.put_back |= put_back  # The next one is to write what this one has not.
        raise


async def notify(state: RunState, task: NotifyTask) -> None:
    """Hand notices over to their deliveries. Nothing waits for it but the end of the run, so that it is not counted
    among what is under way."""
    argument = to_json(task)
    if not (await local(state, names.NOTIFY, argument)).get("told"):
        activity_id = names.notify_activity_id(state.next_occurrence("notify"))
        await workflow.execute_activity(
            names.NOTIFY, argument, result_type=dict, activity_id=activity_id, **temporal_options(NO_OPTIONS)
        )


async def record(state: RunState, manifest: object) -> None:
    """Keep the manifest of a cancelled run, which has no result, in its history."""
    await local(state, names.RECORD, manifest)


async def keep(state: RunState, piece: Kept) -> str:
    """Leave something in the history, for the next Temporal run. Returns under which id."""
    activity_id = names.keep_activity_id(state.next_occurrence("keep"))
    await regular(state, names.KEEP, to_json(piece), activity_id)
    return activity_id


async def carry(state: RunState, task: CarryTask) -> Carried:
    """Bring something from the history of the Temporal run before this one into this one's."""
    activity_id = names.carry_activity_id(state.next_occurrence("carry"))
    return from_json(Carried, await regular(state, names.CARRY, to_json(task), activity_id))


def _leaf(activity_id: str, result: StepResult) -> Leaf:
    return Leaf(
        activity_id=activity_id,
        digest=result.digest,
        size=result.size,
        success=result.success,
        stop=result.stop,
        media=result.media,
        error=result.error,
        body=result.body if result.size <= KEPT_BYTES else None,
    )


def _told(state: RunState, node: StepNode, frame: Frame, activity_id: str, result: StepResult) -> Ran:
    """What a step did, and what is told of it: what its executor said, and unless it waits, that it is done."""
    leaf, log = _leaf(activity_id, result), state.events
    log.add_executor(node.path, activity_id, len(result.events or ()), result.attempt)
    if result.pause is None:
        tell_output(log, node, frame.top, leaf)
        tell_completed(log, node, frame.top, leaf)
    return Ran(leaf, result.ends_loop, result.pause)

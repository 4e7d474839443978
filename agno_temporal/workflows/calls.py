"""The interpreter's calls to activities, and what of their arguments and failures it must know.

A task that is larger than Temporal takes would fail the workflow task for ever, so each is measured before it is sent.
Activity ids come from the plan's paths: they are in the history, and tell a reader which step an event is of.
"""

from __future__ import annotations

import asyncio
import functools
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError

from agno_temporal.contract import names
from agno_temporal.contract.chapter import Carried, CarryTask, Kept
from agno_temporal.contract.errors import RUN_ENDING, ErrorType
from agno_temporal.contract.journal import Ran, Told
from agno_temporal.contract.notices import NotifyTask
from agno_temporal.contract.outputs import Budget, Leaf, Output, bare
from agno_temporal.contract.tasks import (
    ContinueTask,
    EndCheck,
    Evaluated,
    EvaluateTask,
    EventTimes,
    EventTimeTask,
    Flow,
    Named,
    OpenedRun,
    OpenTask,
    StepResult,
    StepTask,
    Tried,
)
from agno_temporal.hitl import ToolAnswer
from agno_temporal.plan import NO_OPTIONS, Call, Node, StepNode, StepOptions
from agno_temporal.plan.data import from_json, to_json
from agno_temporal.workflows import quick
from agno_temporal.workflows.failures import RunFailed, StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.journal import current
from agno_temporal.workflows.report import manifest_json
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.step_events import tell_completed, tell_output

INLINE_BYTES = 16 * 1024
"""How much of earlier outputs one task carries itself; the branches of a Parallel share it."""

KEPT_BYTES = 4 * 1024
"""Up to this size an output stays in the run's memory, to be inlined."""

REQUEST_INLINE_BYTES = 1024
"""Up to this size the request travels with every task; a larger one is read from the run's first event."""

MAX_TASK_BYTES = 1_900_000
"""Temporal takes 2 MB in a payload; the rest is for a codec. A bound may be raised, never lowered: open runs that kept
to the old one would replay to another end."""

MAX_MESSAGE_BYTES = 3_900_000
"""Temporal takes 4 MB from one workflow task, and terminates the run beyond that: the tasks of all branches, and before
the first step what `open_run` answered."""

LOCAL_TIMEOUT = timedelta(seconds=10)
"""Local activities bound themselves far below this (`activities.local`); it is never to be reached."""

_DEFAULTS = StepOptions(
    start_to_close_timeout=24 * 3600.0,
    heartbeat_timeout=10.0,
    retry_initial_interval=0.1,
    retry_backoff=2.0,
    retry_maximum_interval=30.0,
)


async def open_run(state: RunState) -> OpenedRun:
    """Open the run: at once where that is a matter of milliseconds, else for as long as it takes."""
    task = to_json(OpenTask(state.workflow_id, state.run_id, state.request, state.started_at))
    opened = from_json(OpenedRun, await _local(state, names.OPEN_RUN, task))
    if opened.problem is None or opened.final:
        return opened
    return from_json(OpenedRun, await _regular(state, names.OPEN_RUN, task, "open_run"))


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
        facts=_facts(state),
        path=node.path,
        name=node.name,
        occurrence=occurrence,
        flow=_inlined(frame),
        max_retries=node.max_retries,
        state=frame.state.values,
        extras=_extras(frame),
        end_check=_bare_check(end_check),
        **_stream_options(state, node),
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
        facts=_facts(state),
        path=node.path,
        name=node.name,
        paused=paused,
        answers=answers,
        contents=contents or None,
        max_retries=node.max_retries,
        nested=not frame.flow.with_additional_data,
        state=frame.state.values,
        end_check=_bare_check(end_check),
        **_stream_options(state, node),
    )
    state.mark(node.path, "running")
    return await _called(state, node, frame, names.CONTINUE_EXECUTOR, task, activity_id)


async def _called(
    state: RunState, node: StepNode, frame: Frame, name: str, task: StepTask | ContinueTask, activity_id: str
) -> Ran:
    """What a leaf's activity answers, with what it did to the session state."""
    argument = _measured(task, node, frame.width)
    result = None
    if isinstance(task, StepTask) and quick.may_be_tried(state, node):
        tried = await quick.tried(state, node, argument, activity_id)
        result = tried.result
        if tried.error is not None:
            argument = to_json(await _failed(state, node, task, tried))
    if result is None:
        answer = await _regular(state, name, argument, activity_id, node=node, summary=node.name, options=node.options)
        result = from_json(StepResult, answer)
    frame.state.apply(result.change)
    return _told(state, node, frame, activity_id, result)


async def _failed(state: RunState, node: StepNode, task: StepTask, tried: Tried) -> StepTask:
    """What is tried next, and when: the failure of a local attempt counts as any other.

    Raises:
        StepFailed: It has no retries.
    """
    if node.max_retries < 1:
        raise StepFailed(tried.error or "", tried.error_type)
    await quick.pause(state, _options(node.options)["retry_policy"].initial_interval.total_seconds())
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
    task = _measured(
        EvaluateTask(
            facts=_facts(state),
            path=node.path,
            name=node.name,
            what=what,
            flow=_inlined(frame),
            state=frame.state.values,
            outputs=tuple(_trimmed(output) for output in outputs),
            iteration=iteration,
            max_iterations=max_iterations,
            extras=_extras(frame),
        ),
        node,
        frame.width,
    )
    occurrence = state.next_occurrence(f"{node.path}:{what}")
    answer = (
        from_json(Evaluated, await _local(state, names.EVALUATE, task)) if call is Call.CEL else Evaluated(later=True)
    )
    if answer.later:
        data = await _regular(
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
    answer = await _regular(state, names.EVENT_TIME, to_json(EventTimeTask(ordinals)), activity_id)
    return from_json(EventTimes, answer)


async def project(state: RunState) -> None:
    """Write the run, as it stands, to agno's database; until it is written, nothing is announced."""
    if state.plan is None or not state.plan.has_db:
        return
    await quick.recorded(state)
    manifest = manifest_json(state.manifest())
    activity_id = f"project#{state.next_occurrence('project')}"
    if not (await _local(state, names.PROJECT, manifest)).get("written"):
        await _regular(state, names.PROJECT, manifest, activity_id)


async def notify(state: RunState, task: NotifyTask) -> None:
    """Hand notices over to their deliveries. Nothing waits for it but the end of the run, so that it is not counted
    among what is under way."""
    argument = to_json(task)
    if not (await _local(state, names.NOTIFY, argument)).get("told"):
        activity_id = names.notify_activity_id(state.next_occurrence("notify"))
        await workflow.execute_activity(
            names.NOTIFY, argument, result_type=dict, activity_id=activity_id, **_options(NO_OPTIONS)
        )


async def record(state: RunState, manifest: object) -> None:
    """Keep the manifest of a cancelled run, which has no result, in its history."""
    await _local(state, names.RECORD, manifest)


async def keep(state: RunState, piece: Kept) -> str:
    """Leave something in the history, for the next Temporal run. Returns under which id."""
    activity_id = names.keep_activity_id(state.next_occurrence("keep"))
    await _regular(state, names.KEEP, to_json(piece), activity_id)
    return activity_id


async def carry(state: RunState, task: CarryTask) -> Carried:
    """Bring something from the history of the Temporal run before this one into this one's."""
    activity_id = names.carry_activity_id(state.next_occurrence("carry"))
    return from_json(Carried, await _regular(state, names.CARRY, to_json(task), activity_id))


async def _local(state: RunState, name: str, argument: object) -> dict[str, Any]:
    """A local activity. It answers with data, whatever happens: an `except` around it would break a replay."""
    state.pace.busy += 1
    try:
        answer: dict[str, Any] = await workflow.execute_local_activity(
            name, argument, result_type=dict, start_to_close_timeout=LOCAL_TIMEOUT
        )
        return answer
    finally:
        state.pace.busy -= 1
        state.pace.tell()


async def _regular(
    state: RunState,
    name: str,
    argument: object,
    activity_id: str,
    *,
    node: Node | None = None,
    summary: str | None = None,
    options: StepOptions = NO_OPTIONS,
) -> dict[str, Any]:
    """A regular activity; its failures as the interpreter's own."""
    state.live += 1
    state.pace.busy += 1
    try:
        answer: dict[str, Any] = await workflow.execute_activity(
            name, argument, result_type=dict, activity_id=activity_id, summary=summary, **_options(options)
        )
        state.unrecorded = 0
        return answer
    except ActivityError as error:
        raise _failure(node, error) from error
    finally:
        state.live -= 1
        state.pace.busy -= 1


def _failure(node: Node | None, error: ActivityError) -> BaseException:
    cause = error.cause
    if isinstance(cause, CancelledError):
        return asyncio.CancelledError()
    where = f"step '{node.path}' (\"{node.name}\"): " if node else f"{error.activity_type}: "
    if not isinstance(cause, ApplicationError):
        return RunFailed(f"{where}{cause or error}")
    if cause.type == ErrorType.STEP_FAILED:
        kind, message = (*cause.details, None, None)[:2]
        return StepFailed(cause.message if message is None else message, kind)
    if cause.type in RUN_ENDING:
        return RunFailed(cause.message, cause.type)
    if cause.type == "PayloadsTooLarge":
        text = "what it returned, or left in session_state, has more than the 2 MB that Temporal takes per payload"
        return RunFailed(f"{where}{text} (docs/limits.md).", ErrorType.OUTPUT_TOO_LARGE)
    return RunFailed(where + cause.message, cause.type or ErrorType.RUN_FAILED)


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


def _stream_options(state: RunState, node: StepNode) -> dict[str, bool]:
    """How the executor of a step is listened to."""
    request = state.request
    if not request.stream:
        return {}
    ends_only = state.events.place(node.path).ends_only
    return {"stream": True, "stream_events": request.stream_events, "ends_only": ends_only}


def _told(state: RunState, node: StepNode, frame: Frame, activity_id: str, result: StepResult) -> Ran:
    """What a step did, and what is told of it: what its executor said, and unless it waits, that it is done."""
    leaf, log = _leaf(activity_id, result), state.events
    log.add_executor(node.path, activity_id, len(result.events or ()), result.attempt)
    if result.pause is None:
        tell_output(log, node, frame.top, leaf)
        tell_completed(log, node, frame.top, leaf)
    return Ran(leaf, result.ends_loop, result.pause)


def _bare_check(end_check: EndCheck | None) -> EndCheck | None:
    return end_check and replace(end_check, earlier=tuple(bare(output) for output in end_check.earlier))


def _facts(state: RunState) -> Any:
    if len(json.dumps(to_json(state.request))) <= REQUEST_INLINE_BYTES:
        return replace(state.facts, request=state.request)
    return state.facts


def _inlined(frame: Frame) -> Flow:
    budget = Budget(INLINE_BYTES // frame.width)
    previous = [Named(named.name, budget.trim(named.output)) for named in reversed(frame.flow.previous)]
    return replace(frame.flow, previous=tuple(reversed(previous)))


def _extras(frame: Frame) -> Any:
    return frame.extras and replace(frame.extras, previous_output=_trimmed(frame.extras.previous_output))


def _trimmed(output: Output | None) -> Any:
    return None if output is None else Budget(INLINE_BYTES).trim(output)


def _measured(task: StepTask | ContinueTask | EvaluateTask, node: Node, width: int) -> object:
    data = to_json(task)
    size = len(json.dumps(data))
    if size > min(MAX_TASK_BYTES, MAX_MESSAGE_BYTES // (1 + width)):
        beside = f", and 4 MB of the {width} steps that run beside each other" if width > 1 else ""
        raise RunFailed(
            f"step '{node.path}' (\"{node.name}\") would be given {size} bytes, of which the session state has "
            f"{len(json.dumps(task.state))}; Temporal takes 2 MB per payload{beside}. Keep large values out of "
            "session_state: return them from a step, or store a reference (docs/limits.md).",
            ErrorType.INPUT_TOO_LARGE,
        )
    return data


def _options(options: StepOptions) -> dict[str, Any]:
    """A step's options as Temporal's. Attempts are not limited: a lost worker must not use up a step's retries."""

    def seconds(name: str) -> timedelta:
        value = getattr(options, name)
        return timedelta(seconds=getattr(_DEFAULTS, name) if value is None else value)

    return {
        "start_to_close_timeout": seconds("start_to_close_timeout"),
        "heartbeat_timeout": seconds("heartbeat_timeout"),
        "task_queue": options.task_queue,
        "retry_policy": RetryPolicy(
            initial_interval=seconds("retry_initial_interval"),
            backoff_coefficient=options.retry_backoff or 2.0,
            maximum_interval=seconds("retry_maximum_interval"),
            non_retryable_error_types=["PayloadsTooLarge"],
        ),
    }

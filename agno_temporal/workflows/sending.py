"""How an activity is sent, and what becomes of its failures.

A local activity answers with data, whatever happens: its failures look different live and in a replay, so that an
`except` around one breaks the replay. Only that it was cancelled looks the same in both. A regular one is tried for as
long as it takes, since a lost worker must not use up a step's retries; what it fails with in the end is the step's own
fault, the run's, or a cancellation.

What is under way is counted: a run goes on in a new Temporal run only where nothing is.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError

from agno_temporal.contract import names
from agno_temporal.contract.errors import RUN_ENDING, ErrorType
from agno_temporal.plan import NO_OPTIONS, Node, StepOptions
from agno_temporal.workflows.failures import CancelledAtWork, RunFailed, StepFailed
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.waiting import NEXT_TASK, until

LOCAL_TIMEOUT = timedelta(seconds=10)
"""Local activities bound themselves far below this (`activities.local`); it is never to be reached."""

_DEFAULTS = StepOptions(
    start_to_close_timeout=24 * 3600.0,
    heartbeat_timeout=10.0,
    retry_initial_interval=0.1,
    retry_backoff=2.0,
    retry_maximum_interval=30.0,
)


async def room(state: RunState) -> None:
    """Wait until there is room for something large in what this workflow task sends."""
    while state.pace.is_full and workflow.patched(names.DECISIONS_APART):
        await task_ended(state, NEXT_TASK, "to have room")


async def task_ended(state: RunState, seconds: float, summary: str) -> None:
    """A timer ends the workflow task, and so records what it did."""
    state.live += 1
    state.pace.busy += 1
    try:
        await until(lambda: False, seconds, summary)
        state.unrecorded = 0
        state.pace.heard()
    finally:
        state.live -= 1
        state.pace.busy -= 1


async def local(
    state: RunState, name: str, argument: object, activity_id: str | None = None, *, summary: str | None = None
) -> dict[str, Any]:
    """A local activity. It answers with data, whatever happens but a cancel.

    Raises:
        CancelledError: It was cancelled. The SDK says so with the exception of an activity that has failed, which
            would pass by whoever tidies up behind a cancel, and close the run without a word.
    """
    before = state.pace.history
    state.pace.busy += 1
    try:
        answer: dict[str, Any] = await workflow.execute_local_activity(
            name,
            argument,
            result_type=dict,
            activity_id=activity_id,
            summary=summary,
            start_to_close_timeout=LOCAL_TIMEOUT,
        )
        return answer
    except ActivityError as error:
        if isinstance(error.cause, CancelledError) and workflow.patched(names.CANCELLED_IN_A_CALL):
            raise asyncio.CancelledError from error
        raise
    finally:
        state.pace.busy -= 1
        state.pace.answered(before)


async def regular(
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
        await room(state)
        answer: dict[str, Any] = await workflow.execute_activity(
            name, argument, result_type=dict, activity_id=activity_id, summary=summary, **temporal_options(options)
        )
        state.unrecorded = 0
        return answer
    except ActivityError as error:
        raise _failure(node, error) from error
    finally:
        state.live -= 1
        state.pace.busy -= 1
        state.pace.heard()


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
    if cause.type == ErrorType.RUN_CANCELLED:
        return CancelledAtWork(cause.message)
    if cause.type in RUN_ENDING:
        return RunFailed(cause.message, cause.type)
    if cause.type == "PayloadsTooLarge":
        text = "what it returned, or left in session_state, has more than the 2 MB that Temporal takes per payload"
        return RunFailed(f"{where}{text} (docs/limits.md).", ErrorType.OUTPUT_TOO_LARGE)
    return RunFailed(where + cause.message, cause.type or ErrorType.RUN_FAILED)


def temporal_options(options: StepOptions) -> dict[str, Any]:
    """A step's options as Temporal's. Attempts are not limited: a lost worker must not use up a step's retries."""

    def seconds(name: str) -> float:
        value: float | None = getattr(options, name)
        default: float = getattr(_DEFAULTS, name)
        return default if value is None else value

    first, longest = seconds("retry_initial_interval"), seconds("retry_maximum_interval")
    if options.retry_maximum_interval is None:  # Temporal refuses a policy whose longest pause is not the longest.
        longest = max(first, longest)
    elif options.retry_initial_interval is None:
        first = min(first, longest)
    return {
        "start_to_close_timeout": timedelta(seconds=seconds("start_to_close_timeout")),
        "heartbeat_timeout": timedelta(seconds=seconds("heartbeat_timeout")),
        "task_queue": options.task_queue,
        "retry_policy": RetryPolicy(
            initial_interval=timedelta(seconds=first),
            backoff_coefficient=options.retry_backoff or 2.0,
            maximum_interval=timedelta(seconds=longest),
            non_retryable_error_types=["PayloadsTooLarge"],
        ),
    }

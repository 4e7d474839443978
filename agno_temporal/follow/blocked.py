"""What an operator has to mend, so that a run can go on.

A run that cannot go on looks like one that takes long. Three things hold it up, and Temporal tells each in a place of
its own: an activity that fails and is tried again; the run's own workflow task, of which only the first failure in a
row is written; and a step in a queue that nobody works on, where nothing fails at all. So they are put together here.

A step's own exceptions are not among them: they are its retries. Nor is a step whose worker was killed, once another
one has it: it would be called blocked for as long as it runs, which may be hours. Nor is one whose worker was stopped,
as at every deploy: the next worker takes it. The run's own queue is not either: without a worker there, nobody answers
for the run at all, and that is said by whoever asked it. A worker whose hands are full does not poll, so that a queue
counts as served for as long as Temporal remembers anybody on it, which is five minutes.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

from temporalio.api.enums.v1 import EventType, PendingActivityState, TimeoutType
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription

from agno_temporal.activities.backwards import newest_events
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.sealed import HIDDEN, Unreadable
from agno_temporal.follow.pinned import let_go, pinned_to
from agno_temporal.follow.pollers import STEPS, pollers

WORKFLOW_TASK: Final = "workflow task"
"""What stands in place of an activity's id where the run's own task fails. Temporal tries that one by itself alone."""

STUCK_AFTER: Final = 4
"""Attempts at one workflow task that no kill explains."""

STUCK: Final = "its workflow task fails again and again, until a mended worker heals the run."

UNTOLD: Final = "The worker's log says why."

SILENT: Final = "The worker that ran it fell silent: it was killed, or the step takes it down"

STOPPED: Final = "WorkerShutdown"
"""The type of the failure that Temporal's core reports for a step which a worker that stops could not await
(temporalio 1.35, measured; it stands in no Python source)."""

LOOKED_AT: Final = 20
"""Events from the end: signals may have come since."""

_ENDS: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    }
)


@dataclass(frozen=True)
class Blocked:
    """A step that waits for an operator: what it is, why it cannot go on, and how often it was tried."""

    activity_id: str
    reason: str
    attempts: int


async def blocked(client: Client, description: WorkflowExecutionDescription) -> list[Blocked]:
    """All that holds a run up."""
    failing = [
        Blocked(pending.activity_id, await _words_of(client, failure) + _bound(description, failure), _tried(pending))
        for pending in description.raw_description.pending_activities
        if pending.HasField("last_failure")
        and pending.state != PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
        and (failure := _as_raised(pending.last_failure)).application_failure_info.type != ErrorType.STEP_RAISED
        and not _goes_on(pending, failure)
    ]
    unserved = await _unserved(client, description, {one.activity_id for one in failing})
    return [*await own_task(client, description), *failing, *unserved]


async def own_task(client: Client, description: WorkflowExecutionDescription) -> list[Blocked]:
    """The run's own task, where it fails and no kill explains that."""
    attempt = description.raw_description.pending_workflow_task.attempt
    why = await _why_stuck(client, description.id, description.run_id or "") if attempt > 1 else None
    if why is not None:
        return [Blocked(WORKFLOW_TASK, f"{STUCK} {why}", attempt)]
    return [Blocked(WORKFLOW_TASK, f"{STUCK} {UNTOLD}", attempt)] if attempt >= STUCK_AFTER else []


async def _why_stuck(client: Client, workflow_id: str, run_id: str) -> str | None:
    """What the worker said of the task that fails; None where none does, or nothing is known of it. The first failure
    is the last word in the history, until something else happens in the run. A kill leaves none: it is a timeout."""
    events = await newest_events(client, workflow_id, run_id, page=LOOKED_AT)
    last = next((event for event in events if event.event_type in _ENDS), None)
    if last is None or last.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
        return None
    return await _words_of(client, last.workflow_task_failed_event_attributes.failure)


async def _words_of(client: Client, failure: Failure) -> str:
    """What a failure says. With a failure converter that hides it, its message is elsewhere, and lost where Temporal
    has cut the failure."""
    if failure.message == HIDDEN and not failure.HasField("encoded_attributes"):
        return UNTOLD
    try:
        error: BaseException = await client.data_converter.decode_failure(failure)
    except Unreadable as unreadable:
        return str(unreadable)
    message = str(getattr(error, "message", error))
    if failure.timeout_failure_info.timeout_type == TimeoutType.TIMEOUT_TYPE_HEARTBEAT:
        return f"{SILENT} ({message})."
    if message.startswith("Failed decoding") and error.__cause__ is not None:
        return str(getattr(error.__cause__, "message", error.__cause__))
    return message


def _bound(description: WorkflowExecutionDescription, failure: Failure) -> str:
    """Of what another version of the code would mend: that a pinned run does not come to it by itself."""
    if failure.application_failure_info.type not in (ErrorType.STEP_BLOCKED, ErrorType.WORKFLOW_UNKNOWN):
        return ""
    if (version := pinned_to(description)) is None:
        return ""
    name = version.to_canonical_string()
    return f" The run is pinned to version {name!r}: it goes on with the current one after `{let_go(description.id)}`."


def _as_raised(failure: Failure) -> Failure:
    """What an attempt failed with. Of one that is long, as its traces may be, Temporal says only that it is, and hangs
    what is left of it below."""
    is_cut = failure.HasField("server_failure_info") and failure.HasField("cause")
    return failure.cause if is_cut else failure


def _goes_on(pending: PendingActivityInfo, failure: Failure) -> bool:
    """Whether a worker was stopped with the last attempt; or one was lost with it, and another one has taken it over.
    Only a step that loses one worker after the other is somebody's to mend."""
    if failure.application_failure_info.type == STOPPED:
        return True
    is_lost = failure.HasField("timeout_failure_info")
    return is_lost and not _waits(pending) and pending.attempt < STUCK_AFTER


def _tried(pending: PendingActivityInfo) -> int:
    """How often an activity was tried. One that waits for its next attempt is counted with that attempt's number."""
    return pending.attempt - 1 if _waits(pending) else pending.attempt


def _waits(pending: PendingActivityInfo) -> bool:
    return pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED


async def _unserved(client: Client, description: WorkflowExecutionDescription, known: Container[str]) -> list[Blocked]:
    """The run's steps that wait in a queue of their own (`StepOptions.task_queue`) which nobody works on.

    Args:
        known: Activities that are known to be blocked for another reason.
    """
    found: list[Blocked] = []
    empty: dict[str, bool] = {}
    for pending, queue in _in_other_queues(description):
        if pending.activity_id in known:
            continue
        if queue not in empty:
            empty[queue] = not await pollers(client, queue, STEPS)
        if empty[queue]:
            start = f"agno-temporal worker APP --task-queue {queue}"
            reason = f"No worker has polled task queue {queue!r} in the last minutes. Start one there: {start}"
            found.append(Blocked(pending.activity_id, reason, _tried(pending)))
    return found


def _in_other_queues(description: WorkflowExecutionDescription) -> Iterator[tuple[PendingActivityInfo, str]]:
    for pending in description.raw_description.pending_activities:
        queue = pending.activity_options.task_queue.name
        if _waits(pending) and queue and queue != description.task_queue:
            yield pending, queue

"""Steps that no worker takes.

A step may have a queue of its own (`StepOptions.task_queue`). Where nobody works on that queue, Temporal has the step
in it and nothing fails: the run looks as if the step took long, for as long as that lasts. So whoever asks what a run
waits for is told which queue it is. The run's own queue is another matter: without a worker there, nobody answers for
the run at all, and that is said by whoever asked it.

A worker whose hands are full does not poll either. So the queue counts as served for as long as Temporal remembers
anybody on it, which is five minutes.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription

from agno_temporal.follow.mending import Blocked
from agno_temporal.follow.pollers import STEPS, pollers


async def unserved(
    client: Client, description: WorkflowExecutionDescription, known: Container[str] = ()
) -> list[Blocked]:
    """The run's steps that wait in a queue of their own which nobody works on.

    Args:
        known: Activities that are known to be blocked for another reason.
    """
    found: list[Blocked] = []
    empty: dict[str, bool] = {}
    for activity_id, queue, attempts in _waiting(description):
        if activity_id in known:
            continue
        if queue not in empty:
            empty[queue] = not await pollers(client, queue, STEPS)
        if empty[queue]:
            found.append(Blocked(activity_id, no_worker(queue), attempts))
    return found


def no_worker(queue: str) -> str:
    start = f"agno-temporal worker APP --task-queue {queue}"
    return f"No worker has polled task queue {queue!r} in the last minutes. Start one there: {start}"


def _waiting(description: WorkflowExecutionDescription) -> Iterator[tuple[str, str, int]]:
    for pending in description.raw_description.pending_activities:
        queue = _queue(pending)
        waits = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
        if waits and queue and queue != description.task_queue:
            yield pending.activity_id, queue, pending.attempt - 1


def _queue(pending: PendingActivityInfo) -> str:
    return pending.activity_options.task_queue.name

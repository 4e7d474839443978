"""What an operator does to a blocked run from outside: try it again at once.

A blocked step is tried every half minute, for as long as it takes; whoever has just deployed what was missing need not
wait for that. Temporal starts its activity anew (`ResetActivity`). The heartbeat's details stay: they hold how many of
the step's own retries are used up, and an operator's help uses up none and gives none back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.api.workflowservice.v1 import ResetActivityRequest, UnpauseActivityRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import read_plan
from agno_temporal.follow.blocked import WORKFLOW_TASK, Blocked
from agno_temporal.follow.errors import not_found
from agno_temporal.follow.visibility import ANSWERED_WITHIN
from agno_temporal.plan import walk


class RunEnded(RuntimeError):
    """The run has ended, so that nothing in it can be tried again."""


class NothingBlocked(LookupError):
    """Nothing is there to be tried again. `blocked` is what only another deployment mends."""

    def __init__(self, message: str, blocked: Sequence[Blocked] = ()) -> None:
        super().__init__(message)
        self.blocked = tuple(blocked)


class StepNotBlocked(NothingBlocked):
    """Something is, and not what was named: the run has no such step, or it is not blocked. `blocked` is what is."""


def path_of(activity_id: str) -> str:
    """The node that an activity belongs to (`contract.names`)."""
    return activity_id.partition("#")[0].partition(":")[0]


async def unblock(client: Client, run_id: str, blocked: Sequence[Blocked], step: str | None) -> list[Blocked]:
    """Try what is blocked again at once: all of it, or one step by its name, its path or its activity's id. What it is.

    Args:
        blocked: All that is, of this run (`RunClient.blocked`).

    Raises:
        NothingBlocked, StepNotBlocked, RunEnded: Nothing is changed.
        RunNotFound: There is no such run.
    """
    chosen = await _chosen(client, run_id, blocked, step)
    await _try_now(client, run_id, chosen)
    return chosen


async def _chosen(client: Client, run_id: str, blocked: Sequence[Blocked], step: str | None) -> list[Blocked]:
    activities = [one for one in blocked if one.activity_id != WORKFLOW_TASK]
    listed = "; ".join(f"{one.activity_id}: {one.reason}" for one in blocked)
    if not blocked and (await described(client, run_id)).close_time is not None:
        raise RunEnded(f"Run {run_id!r} has ended.")
    if not blocked:
        raise NothingBlocked(f"Nothing of run {run_id!r} is blocked.")
    if not activities:
        raise NothingBlocked(f"No step of run {run_id!r} is blocked, but the run itself: {listed}", blocked)
    if step is None:
        return activities
    plan = await read_plan(client, run_id)
    path_by_name = {node.name: node.path for node in walk(plan.steps if plan else ()) if node.name}
    chosen = named(activities, step, path_by_name)
    if not chosen:
        is_unknown = plan is not None and step not in path_by_name and step not in path_by_name.values()
        what = f"has no step {step!r}" if is_unknown else f"is not blocked at step {step!r}"
        raise StepNotBlocked(f"Run {run_id!r} {what}. Blocked are {listed}", blocked)
    return chosen


async def _try_now(client: Client, run_id: str, blocked: Iterable[Blocked]) -> None:
    """Start these activities' next attempt at once, also where somebody has paused them."""
    where = WorkflowExecution(workflow_id=run_id)
    for one in blocked:
        try:
            await client.workflow_service.unpause_activity(
                UnpauseActivityRequest(namespace=client.namespace, execution=where, id=one.activity_id),
                retry=True,
                timeout=ANSWERED_WITHIN,
            )
            await client.workflow_service.reset_activity(
                ResetActivityRequest(namespace=client.namespace, execution=where, id=one.activity_id),
                retry=True,
                timeout=ANSWERED_WITHIN,
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # It has just been done, or the run has: either way nothing is blocked any more.


async def described(client: Client, run_id: str) -> WorkflowExecutionDescription:
    """What Temporal says of the run.

    Raises:
        RunNotFound: There is no such run.
    """
    try:
        return await client.get_workflow_handle(run_id).describe()
    except RPCError as error:
        raise not_found(run_id, error) from error


async def has_task(client: Client, run_id: str) -> bool:
    """Whether a worker has a workflow task of the run just now, so that it may have done what is not recorded yet.

    Raises:
        RunNotFound: There is no such run.
    """
    task = (await described(client, run_id)).raw_description.pending_workflow_task
    return task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED


async def was_reset(client: Client, run_id: str) -> bool:
    """Whether the run was put back to an earlier place of its history (`temporal workflow reset`), and goes on from it.

    Raises:
        RunNotFound: There is no such run.
    """
    return reset_at(await described(client, run_id)) is not None


def reset_at(description: WorkflowExecutionDescription) -> float | None:
    """When that was, in seconds since the epoch."""
    known = description.raw_description.workflow_extended_info
    return known.last_reset_time.ToNanoseconds() / 1e9 if known.HasField("last_reset_time") else None


def named(blocked: Sequence[Blocked], step: str, path_by_name: dict[str, str]) -> list[Blocked]:
    """The activities of one step, by its name, its path or the activity's own id."""
    path = path_by_name.get(step, step)
    return [one for one in blocked if step == one.activity_id or path == path_of(one.activity_id)]

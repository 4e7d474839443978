"""What an operator does to a run from outside: try what is blocked again at once, or end the run without its consent.

A blocked step is tried every half minute, for as long as it takes; whoever has just deployed what was missing need not
wait for that. Temporal starts its activity anew (`ResetActivity`). The heartbeat's details stay: they hold how many of
the step's own retries are used up, and an operator's help uses up none and gives none back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest, UnpauseActivityRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.follow.errors import RunNotFound


class Pending(Protocol):
    """An activity that waits to be tried again."""

    @property
    def activity_id(self) -> str: ...


def path_of(activity_id: str) -> str:
    """The node that an activity belongs to (`contract.names`)."""
    return activity_id.partition("#")[0].partition(":")[0]


async def try_now(client: Client, run_id: str, blocked: Iterable[Pending]) -> None:
    """Start these activities' next attempt at once, also where somebody has paused them.

    Raises:
        RunNotFound: There is no such run, or it has ended.
    """
    where = WorkflowExecution(workflow_id=run_id)
    for one in blocked:
        try:
            await client.workflow_service.unpause_activity(
                UnpauseActivityRequest(namespace=client.namespace, execution=where, id=one.activity_id), retry=True
            )
            await client.workflow_service.reset_activity(
                ResetActivityRequest(namespace=client.namespace, execution=where, id=one.activity_id), retry=True
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            # It has just been done, or the run has: either way nothing is blocked any more.


async def terminate(client: Client, run_id: str, reason: str) -> bool:
    """End a run at once. False where it had ended before.

    No worker hears of it: steps in flight go on until they end, and the database keeps the run as it was last written.

    Raises:
        RunNotFound: There is no such run.
    """
    description = await described(client, run_id)
    if description.close_time is not None:
        return False
    try:
        await client.get_workflow_handle(run_id, run_id=description.run_id).terminate(reason=reason)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def described(client: Client, run_id: str) -> WorkflowExecutionDescription:
    """What Temporal says of the run.

    Raises:
        RunNotFound: There is no such run.
    """
    try:
        return await client.get_workflow_handle(run_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise RunNotFound(f"There is no run {run_id!r}. `agno-temporal runs` lists those there are.") from error
        raise


def named(blocked: Sequence[Pending], step: str | None, path_by_name: dict[str, str]) -> list[Pending]:
    """The activities of one step, by its name, its path or the activity's own id; all without one."""
    if step is None:
        return list(blocked)
    path = path_by_name.get(step, step)
    return [one for one in blocked if step == one.activity_id or path == path_of(one.activity_id)]

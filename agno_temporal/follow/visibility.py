r"""Temporal's lists of runs: queries that say what was meant, and pages that a forged token does not hold up.

Temporal reads a query as MySQL does: a backslash begins an escape. A text whose quotes were only doubled could leave
its quotes by a backslash of its own, and list the runs of other queues.

A run that was put back goes on in another Temporal run, and the one that was left stays in the list, as completed or
terminated. That is none of a run's states.

A page's token is taken as it comes. One that is none is an error of the server's own, which its client tries again for
ten seconds; so here it is not tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.contract import names
from agno_temporal.contract.sealed import Unreadable

IDS_AT_ONCE = 50
"""Runs that are named in one query."""


class BadToken(ValueError):
    """This is no token of a page."""


@dataclass(frozen=True)
class VisiblePage:
    """Some runs, and the token of the next page; empty where this is the last."""

    runs: tuple[WorkflowExecutionInfo, ...]
    token: bytes


def runs_query(task_queue: str, workflow_id: str | None = None, is_open: bool | None = None) -> str:
    """The runs on a queue. One that went on in another Temporal run is listed once, where it is now."""
    query = f"TaskQueue = {quoted(task_queue)} AND ExecutionStatus != 'ContinuedAsNew'"
    if workflow_id is not None:
        query += f" AND WorkflowType = {quoted(workflow_id)}"
    if is_open is not None:
        query += f" AND ExecutionStatus {'=' if is_open else '!='} 'Running'"
    return query


async def standing(client: Client, found: Sequence[WorkflowExecutionInfo]) -> list[WorkflowExecutionInfo]:
    """Those of a page that are a run as it stands now, without Temporal runs that it has left."""
    closed = [one.execution.workflow_id for one in found if one.HasField("close_time")]
    newest = await _newest(client, closed) if closed else {}
    return [one for one in found if newest.get(one.execution.workflow_id, one.execution.run_id) == one.execution.run_id]


async def _newest(client: Client, run_ids: Sequence[str]) -> dict[str, str]:
    """Of each the Temporal run that began last."""
    newest: dict[str, tuple[datetime, str]] = {}
    for first in range(0, len(run_ids), IDS_AT_ONCE):
        ids = ", ".join(quoted(run_id) for run_id in run_ids[first : first + IDS_AT_ONCE])
        async for one in client.list_workflows(f"WorkflowId IN ({ids})"):
            newest[one.id] = max(newest.get(one.id, (one.start_time, one.run_id)), (one.start_time, one.run_id))
    return {id: run_id for id, (_, run_id) in newest.items()}


async def started(client: Client, one: WorkflowExecutionInfo) -> datetime:
    """When a run started, in whichever Temporal run that was."""
    payload = one.memo.fields.get(names.MEMO_STARTED)
    if payload is None:
        return one.start_time.ToDatetime(UTC)
    [at] = await client.data_converter.decode([payload])
    return datetime.fromtimestamp(at, UTC)


async def listed_start(client: Client, one: WorkflowExecutionInfo) -> datetime:
    """`started`, for a list: where that cannot be read, when the run's newest Temporal run did, which is in plain."""
    try:
        return await started(client, one)
    except Unreadable:
        return one.start_time.ToDatetime(UTC)


def quoted(text: str) -> str:
    r"""A text in a query.

    >>> print(quoted("it's"), quoted("\\' OR 1"))
    'it\'s' '\\\' OR 1'
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


ANSWERED_WITHIN = timedelta(seconds=5)
"""How long a page may take, or what else is asked of the server itself: somebody waits for it."""


async def visible_page(client: Client, query: str, size: int, token: bytes = b"") -> VisiblePage:
    """A page of runs, in Temporal's order: those that are open, the newest first, then those that ended last.

    Raises:
        BadToken: The token is of no page.
    """
    request = ListWorkflowExecutionsRequest(
        namespace=client.namespace, query=query, page_size=size, next_page_token=token
    )
    try:
        answer = await client.workflow_service.list_workflow_executions(
            request, retry=not token, timeout=ANSWERED_WITHIN
        )
    except RPCError as error:
        if token and error.status is RPCStatusCode.UNAVAILABLE:  # A connection that was closed meanwhile.
            answer = await client.workflow_service.list_workflow_executions(request, timeout=ANSWERED_WITHIN)
        elif token and error.status in (RPCStatusCode.UNKNOWN, RPCStatusCode.INTERNAL, RPCStatusCode.INVALID_ARGUMENT):
            raise BadToken("This token is of no page.") from error
        else:
            raise
    return VisiblePage(tuple(answer.executions), answer.next_page_token)

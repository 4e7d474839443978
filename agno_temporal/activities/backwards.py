"""A history, read from its end.

What is recent stands at the end, and forwards it is met last: a page from the end takes 2 to 3 ms, and reading all of a
history 25 ms for every thousand events. A history grows while it is read, but not at the end that was read already.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryReverseRequest,
    GetWorkflowExecutionHistoryReverseResponse,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

PAGE = 200

PAGE_WITHIN = timedelta(seconds=10)
"""How long a page of a history may take. Whoever reads it may have callers of its own, who wait for that."""


async def events_backwards(
    client: Client, workflow_id: str, run_id: str, *, may_be_gone: bool = False
) -> AsyncIterator[HistoryEvent]:
    """All events, the newest first.

    Args:
        may_be_gone: Whether the Temporal run may not be kept any longer; then there are none.
    """
    token = b""
    while True:
        try:
            page = await _page(client, workflow_id, run_id, PAGE, token)
        except RPCError as error:
            if may_be_gone and error.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        for event in page.history.events:
            yield event
        token = page.next_page_token
        if not token:
            return


async def newest_events(client: Client, workflow_id: str, run_id: str = "", *, page: int) -> Sequence[HistoryEvent]:
    """One page from the end, the newest event first. There is always one.

    Args:
        run_id: The Temporal run; empty is the workflow's last.
        page: How many events it holds, where there are so many.
    """
    return (await _page(client, workflow_id, run_id, page)).history.events


async def _page(
    client: Client, workflow_id: str, run_id: str, size: int, token: bytes = b""
) -> GetWorkflowExecutionHistoryReverseResponse:
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
        maximum_page_size=size,
        next_page_token=token,
    )
    service = client.workflow_service
    return await service.get_workflow_execution_history_reverse(request, retry=True, timeout=PAGE_WITHIN)

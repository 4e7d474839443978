"""Why a run's workflow task fails: what its worker said when it first did.

Temporal tries such a task again for as long as it takes, and writes only the first failure of a row into the history.
It is the last word there, until something else happens in the run. A kill leaves none: it is a timeout.
"""

from __future__ import annotations

from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

from agno_temporal.contract.sealed import Unreadable

LOOKED_AT: Final = 20
"""Events from the end: signals may have come since."""

_ENDS: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    }
)


async def why_stuck(client: Client, workflow_id: str, run_id: str) -> str | None:
    """What the worker said of the task that fails; None where none does, or nothing is known of it."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
        maximum_page_size=LOOKED_AT,
    )
    answer = await client.workflow_service.get_workflow_execution_history_reverse(request, retry=True)
    last = next((event for event in answer.history.events if event.event_type in _ENDS), None)
    if last is None or last.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
        return None
    return await words_of(client, last.workflow_task_failed_event_attributes.failure)


async def words_of(client: Client, failure: Failure) -> str:
    """What a failure says; with a failure converter that hides it, its message is elsewhere."""
    try:
        error: BaseException = await client.data_converter.decode_failure(failure)
    except Unreadable as unreadable:
        return str(unreadable)
    message = str(getattr(error, "message", error))
    if message.startswith("Failed decoding") and error.__cause__ is not None:
        return str(getattr(error.__cause__, "message", error.__cause__))
    return message

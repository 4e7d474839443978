"""What of a history a worker has answered for.

Behind the last workflow task that was completed, a history may have more: a result, a signal, the start of a task whose
worker died. A replay would go on from there, and tell what a worker would do next as if it had. But it may never do it:
a cancel or another result can come first, and the next task handles them together. So a reader would be shown events
that are another run's by the time that they are recorded, or under other numbers.
"""

from __future__ import annotations

from typing import Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

_COMMANDS: Final = frozenset(
    {
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_REJECTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    }
)
"""What a completed workflow task of ours leaves behind it in the history."""


def recorded(history: WorkflowHistory) -> WorkflowHistory | None:
    """A history up to its last completed workflow task, with what that one ordered; None where none was completed."""
    events = history.events
    end = len(events)
    while end and events[end - 1].event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
        end -= 1
    if not end:
        return None
    while end < len(events) and events[end].event_type in _COMMANDS:
        end += 1
    return WorkflowHistory(history.workflow_id, events[:end])

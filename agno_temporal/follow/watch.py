"""What a run's events say about whether it still works.

Asking the run itself wakes a worker. So whoever waits polls its history, and asks only once nothing is under way.
"""

from __future__ import annotations

from typing import Final

from temporalio.api.enums.v1 import EventType

CLOSING: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    }
)
"""Events with which a run ends. One that goes on in another Temporal run does not."""


class PlaceLost(Exception):
    """The history has to be read from its beginning: the run goes on in another one, or the server no longer takes the
    token that stands for a place in it ("branch tokens don't match"), as happens when it has loaded the run anew."""


class Watch:
    """What a run's events say about whether it still works. `continued` says that it goes on in another history."""

    _SETTLED = frozenset(
        {
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
            EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
            EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
            EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
        }
    )

    def __init__(self, *, started: bool = False) -> None:
        self.started = started
        self.closed = False
        self.continued = False
        self._pending = 0
        self._task_done = False

    @property
    def idle(self) -> bool:
        """No step is under way, and the run has seen everything that happened."""
        return self._task_done and self._pending <= 0

    def see(self, event_type: int) -> None:
        if event_type in CLOSING:
            self.closed = True
        elif event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
            self.continued = True
        elif event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            self.started = self._task_done = True
        elif event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
            self._task_done = False
        elif event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            self._pending += 1
        elif event_type in self._SETTLED:
            self._pending -= 1

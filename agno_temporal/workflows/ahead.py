"""A run does not live ahead of its history.

The server hands a query out with all of the history, also while the task that is to tell the run of its newest events
waits for a worker, or is with one that is gone. A worker that has just come then handles those events at once, as if
their task were its own. When that comes it brings nothing new any more, and the run goes on from what it did before: at
another time than a replay would find, with a question whose deadline is over before its timer fires; and where a cancel
or a decision has come with the task, in another order than a replay, which no worker could take on.

Such an activation is known by its time, where its task has not begun: it brings more history than the one before, under
the time of that one. Where its task has begun elsewhere it looks like the task itself, and is known by what follows it:
the query, before any other task. That may also be chance; then the server has no task of the run that is under way
(`workflows.server`). Both are refused, which answers the query with an error and lets go of the run. The task
comes soon, and brings its own time; and whoever has asked asks again (`follow.asking`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from agno_temporal.contract import names

Activate = Callable[[WorkflowActivation], WorkflowActivationCompletion]

BY_ITSELF: Final = "legacy_query"
"""The id of a query that comes without a task (`LEGACY_QUERY_ID` of Temporal's core); others come with one."""


def in_time(activate: Activate, is_elsewhere: Callable[[], bool]) -> Activate:
    """The same, but for what comes before its task.

    Args:
        is_elsewhere: Whether a task of the run is under way that this worker was not given.
    """
    return _Life(activate, is_elsewhere)


class _Life:
    """What one worker has done with a run since it took it up, or caught up with it. A task is known by how long the
    history was."""

    __slots__ = ("_activate", "_is_elsewhere", "_length", "_tasks", "_time", "_was_replayed")

    def __init__(self, activate: Activate, is_elsewhere: Callable[[], bool]) -> None:
        self._activate = activate
        self._is_elsewhere = is_elsewhere
        self._time, self._length = -1, 0
        self._was_replayed = False
        self._tasks = 0

    def __call__(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._activate(activation) if self._takes(activation) else refused()

    def _takes(self, activation: WorkflowActivation) -> bool:
        """Whether an activation comes in its time. It is the next one."""
        if asks_by_itself(activation):
            return self._has_lived()
        time, length = self._time, self._length
        self._time, self._length = activation.timestamp.ToNanoseconds(), activation.history_length
        if activation.is_replaying and not asks(activation):
            self._was_replayed, self._tasks = True, 0
            return True
        self._tasks += self._length != length
        return activation.is_replaying or not (self._time == time and self._length > length)

    def _has_lived(self) -> bool:
        """Whether all that was done was done in tasks of this worker's."""
        if self._was_replayed and self._tasks == 1:
            if self._is_elsewhere():
                return False
            self._was_replayed = False  # It is like a run that was begun here.
        return True


def asks(activation: WorkflowActivation) -> bool:
    """Whether it brings a query. Nothing else comes with one."""
    return any(job.HasField("query_workflow") for job in activation.jobs)


def asks_by_itself(activation: WorkflowActivation) -> bool:
    """Whether it brings a query that comes without a task."""
    return any(job.query_workflow.query_id == BY_ITSELF for job in activation.jobs)


def refused() -> WorkflowActivationCompletion:
    """Lets go of the run. A task is tried again, and whoever has asked asks again."""
    completion = WorkflowActivationCompletion()
    completion.failed.failure.message = names.ASKED_AHEAD
    completion.failed.failure.application_failure_info.SetInParent()
    return completion

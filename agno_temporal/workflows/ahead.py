"""A run does not live ahead of its history.

The server hands a query out with all of the history, also while the task that is to tell the run of its newest events
waits for a worker that is gone. A worker that has just come then handles those events at once, as if their task had
begun: by the time of the task before. A question would open with a time that is hours old, and with a deadline that is
over before its timer fires; and a replay would come to other times.

Such an activation is known by its time: it brings more history than the one before, under the time of that one. It is
refused, which answers the query with an error and lets go of the run. The task comes soon, and brings its own time; and
whoever has asked asks again (`follow.asking`).
"""

from __future__ import annotations

from collections.abc import Callable

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from agno_temporal.contract import names

Activate = Callable[[WorkflowActivation], WorkflowActivationCompletion]


def in_time(activate: Activate) -> Activate:
    """The same, but for an activation that comes before its task."""
    time, length = -1, 0

    def activate_in_time(activation: WorkflowActivation) -> WorkflowActivationCompletion:
        nonlocal time, length
        now = activation.timestamp.ToNanoseconds()
        if not activation.is_replaying and now == time and activation.history_length > length:
            return _refused()
        time, length = now, activation.history_length
        return activate(activation)

    return activate_in_time


def _refused() -> WorkflowActivationCompletion:
    completion = WorkflowActivationCompletion()
    completion.failed.failure.message = names.ASKED_AHEAD
    completion.failed.failure.application_failure_info.SetInParent()
    return completion

"""A workflow task that is slow is waited for, not broken off.

The SDK takes one that has not answered after two seconds for a deadlock, and raises an exception in its thread,
wherever that stands. Our definition runs no user code, so what it meets is a process that stood still: a paused
machine, a CPU limit that was reached, a long garbage collection. If the exception hits the SDK's own loop between two
of its lines, a callback is lost, the run can never be taken out of the cache (TMPRL1101, "continually retrying
eviction"), and nothing moves it on until the worker is restarted. Without an interruption the task fails all the same,
and is tried again as soon as its thread is through.

Until then the SDK must not take the run out of its cache, which ends the same way: two threads in one loop. It means to
wait, but for a future that its own `asyncio.wait_for` has cancelled by then (temporalio/worker/_workflow.py:416, 563).
So a lock of each instance's own lets one thread in at a time.

The SDK asks the instance for its thread (`attempt_deadlock_interruption`); ours names none. Workflows of the user's own
are interrupted as before.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from agno_temporal.workflows.ahead import Activate, in_time
from agno_temporal.workflows.definition import AgnoRun
from agno_temporal.workflows.delivery import AgnoDelivery
from agno_temporal.workflows.in_order import in_order
from agno_temporal.workflows.server import Nobody, Server


class Uninterrupted(WorkflowRunner):
    """Runs unsandboxed workflows as another runner does, and never interrupts ours.

    Args:
        client: The worker's; None where histories are replayed, of which nothing is under way.
    """

    def __init__(self, runner: WorkflowRunner | None = None, client: Client | None = None) -> None:
        self._runner = runner or UnsandboxedWorkflowRunner()
        self._client = client

    def prepare_workflow(self, defn: Any) -> None:
        """See base class."""
        self._runner.prepare_workflow(defn)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """See base class."""
        self._runner.set_worker_level_failure_exception_types(types)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See base class."""
        instance = self._runner.create_instance(det)
        if det.defn.cls in (AgnoRun, AgnoDelivery):
            instance.get_thread_id = _no_thread  # type: ignore[method-assign]
            server: Server | Nobody = Nobody() if self._client is None else Server(self._client, det.info)
            activate = in_order(instance.activate, server.answered_since)
            activate = _OneAtATime(in_time(activate, server.has_task_elsewhere))
            instance.activate = activate  # type: ignore[method-assign,assignment]
        return instance


class _OneAtATime:
    """A run's own lock."""

    __slots__ = ("_activate", "_lock")

    def __init__(self, activate: Activate) -> None:
        self._activate = activate
        self._lock = threading.Lock()

    def __call__(self, activation: WorkflowActivation) -> WorkflowActivationCompletion:
        with self._lock:
            return self._activate(activation)


def _no_thread() -> None:
    """What an instance answers that is not to be interrupted."""

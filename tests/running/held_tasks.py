"""Workflow tasks that take their time, for what happens at the server meanwhile."""

from __future__ import annotations

import asyncio
import threading

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from tests.support import PATIENCE


class HeldTask(UnsandboxedWorkflowRunner):
    """Runs workflows, and holds the first task that gives this command (a field of Temporal's `WorkflowCommand`)."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._held = threading.Event()
        self._may_end = threading.Event()

    async def held(self) -> None:
        """Wait until there is one."""
        assert await asyncio.to_thread(self._held.wait, PATIENCE)

    def let_go(self) -> None:
        self._may_end.set()

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = super().create_instance(det)
        activate = instance.activate

        def activate_and_hold(activation: WorkflowActivation) -> WorkflowActivationCompletion:
            done = activate(activation)
            if any(command.HasField(self._command) for command in done.successful.commands):  # type: ignore[arg-type]
                self._held.set()
                self._may_end.wait(PATIENCE)
            return done

        instance.activate = activate_and_hold  # type: ignore[method-assign]
        return instance

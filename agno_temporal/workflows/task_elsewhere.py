"""Whether a run's workflow task is under way somewhere, asked from the thread in which the run is at work.

Only the server knows, and its client lives on the worker's event loop, which is free meanwhile: workflows have threads
of their own.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.workflow import Info

PATIENCE: Final = timedelta(seconds=0.9)
"""Twice that is less than the two seconds for which the SDK waits for a thread."""


class TaskElsewhere:
    """Asks it of one Temporal run. It is made on the worker's event loop."""

    def __init__(self, client: Client, info: Info) -> None:
        self._client, self._info = client, info
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> bool:
        """Whether there is such a task, or nobody says that there is none."""
        try:
            return asyncio.run_coroutine_threadsafe(self._ask(), self._loop).result(2 * PATIENCE.total_seconds())
        except (RPCError, TimeoutError):  # The latter, where the loop itself is held up, or ends.
            return True

    async def _ask(self) -> bool:
        execution = WorkflowExecution(workflow_id=self._info.workflow_id, run_id=self._info.run_id)
        request = DescribeWorkflowExecutionRequest(namespace=self._client.namespace, execution=execution)
        described = await self._client.workflow_service.describe_workflow_execution(request, timeout=PATIENCE)
        return described.HasField("pending_workflow_task")

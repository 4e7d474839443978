"""What only the server knows of a run, asked from the thread in which the run is at work.

Its client lives on the worker's event loop, which is free meanwhile: workflows have threads of their own. What a run
does may not depend on what is answered here, but only whether it does it now.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.workflow import Info

T = TypeVar("T")

PATIENCE: Final = timedelta(seconds=0.9)
"""Twice that is less than the two seconds for which the SDK waits for a thread."""

PAGE: Final = 50
"""Events. There are few between a task and the next."""

LOCAL_ACTIVITY: Final = "core_local_activity"
"""The marker that has a local activity's answer (Temporal's core). Its "data" names the activity by number."""


class Server:
    """Asks it of one Temporal run. It is made on the worker's event loop."""

    __slots__ = ("_client", "_info", "_loop")

    def __init__(self, client: Client, info: Info) -> None:
        self._client = client
        self._info = info
        self._loop = asyncio.get_running_loop()

    def has_task_elsewhere(self) -> bool:
        """Whether a task of the run is under way that this worker was not given, or nobody says that there is none."""
        described = self._asked(self._pending_task())
        return True if described is None else described

    def answered_since(self, event_id: int) -> set[int] | None:
        """The numbers of the local activities whose answers have come into the history behind that event. None is
        that nobody says."""
        return self._asked(self._answers_behind(event_id))

    def _asked(self, question: Coroutine[Any, Any, T]) -> T | None:
        try:
            return asyncio.run_coroutine_threadsafe(question, self._loop).result(2 * PATIENCE.total_seconds())
        except (RPCError, TimeoutError):  # The latter, where the loop itself is held up, or ends.
            return None

    def _execution(self) -> WorkflowExecution:
        return WorkflowExecution(workflow_id=self._info.workflow_id, run_id=self._info.run_id)

    async def _pending_task(self) -> bool:
        request = DescribeWorkflowExecutionRequest(namespace=self._client.namespace, execution=self._execution())
        described = await self._client.workflow_service.describe_workflow_execution(request, timeout=PATIENCE)
        return described.HasField("pending_workflow_task")

    async def _answers_behind(self, event_id: int) -> set[int]:
        answered: set[int] = set()
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace, execution=self._execution(), maximum_page_size=PAGE
        )
        while True:
            service = self._client.workflow_service
            page = await service.get_workflow_execution_history_reverse(request, timeout=PATIENCE)
            for event in page.history.events:
                if event.event_id <= event_id:
                    return answered
                if event.marker_recorded_event_attributes.marker_name == LOCAL_ACTIVITY:
                    answered.add(_number(event))
            if not page.next_page_token:
                return answered
            request.next_page_token = page.next_page_token


class Nobody:
    """Of a history that is replayed, there is nothing to be asked."""

    def has_task_elsewhere(self) -> bool:
        """None is under way."""
        return False

    def answered_since(self, event_id: int) -> set[int]:
        """All are where they belong."""
        return set()


def _number(event: HistoryEvent) -> int:
    number: int = json.loads(event.marker_recorded_event_attributes.details["data"].payloads[0].data)["seq"]
    return number

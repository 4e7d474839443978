"""Outputs and requests, read from the history that they were written to.

An output is written once, as its activity's result; a step on another worker, or a reader, needs it from there. A step
asks for what is recent, so it pages backwards: that takes 2 to 3 ms, and reading all of it 25 ms for every thousand
events. A reader that needs everything reads forwards, once.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client

from agno_temporal.contract import names
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.tasks import OpenedRun
from agno_temporal.plan import Plan
from agno_temporal.plan.data import DataError, Json, from_json

PAGE = 200

FIRST_PAGE = 20
"""Enough to hold a run's plan, and little enough to read each time."""


class MissingOutput(LookupError):
    """The history does not hold an output that the run refers to."""


async def read_bodies(client: Client, workflow_id: str, run_id: str, activity_ids: Collection[str]) -> dict[str, Json]:
    """The bodies of these activities' results.

    Raises:
        MissingOutput: One of them is not there.
    """
    read = await read_results(client, workflow_id, run_id, activity_ids)
    return {activity_id: result["body"] for activity_id, result in read.items()}


async def read_results(client: Client, workflow_id: str, run_id: str, activity_ids: Collection[str]) -> dict[str, Json]:
    """These activities' results, whole.

    Raises:
        MissingOutput: One of them is not there.
    """
    wanted, found = set(activity_ids), dict[str, Json]()
    results: dict[int, Payload] = {}
    async for event in _backwards(client, workflow_id, run_id):
        if not wanted:
            break
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            if completed.result.payloads:
                results[completed.scheduled_event_id] = completed.result.payloads[0]
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            payload = results.pop(event.event_id, None)
            if payload is not None and scheduled.activity_id in wanted:
                wanted.discard(scheduled.activity_id)
                found[scheduled.activity_id] = await _decoded(client, payload)
    if wanted:
        raise MissingOutput(f"run {workflow_id!r}: the history has no result of {', '.join(sorted(wanted))}.")
    return found


async def read_request(client: Client, workflow_id: str, run_id: str | None) -> RunRequest:
    """The request that a run was started with; an empty one where it was none, of which the run has died."""
    answer = await client.workflow_service.get_workflow_execution_history(
        GetWorkflowExecutionHistoryRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id or ""),
            maximum_page_size=1,
        ),
        retry=True,
    )
    payloads = answer.history.events[0].workflow_execution_started_event_attributes.input.payloads
    try:
        return from_json(RunRequest, await _decoded(client, payloads[0])) if payloads else RunRequest()
    except DataError:
        return RunRequest()


async def read_recorded(client: Client, workflow_id: str, run_id: str) -> Json:
    """What a cancelled run recorded last (`activities.record`); None if it was cancelled before it could."""
    async for event in _backwards(client, workflow_id, run_id):
        for payload in _local_result(event, names.RECORD):
            return await _decoded(client, payload)
    return None


async def read_plan(client: Client, workflow_id: str, run_id: str | None = None) -> Plan | None:
    """The plan that a run follows; None where it was never opened. It stands near the beginning of the history, as the
    result of `open_run`: of its local attempt, or where that gave up, of the regular one."""
    opening: set[int] = set()
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    async for event in handle.fetch_history_events(page_size=FIRST_PAGE):
        payloads = _local_result(event, names.OPEN_RUN)
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            if event.activity_task_scheduled_event_attributes.activity_type.name == names.OPEN_RUN:
                opening.add(event.event_id)
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            completed = event.activity_task_completed_event_attributes
            if completed.scheduled_event_id in opening:
                payloads = completed.result.payloads
        for payload in payloads:
            if (plan := from_json(OpenedRun, await _decoded(client, payload)).plan) is not None:
                return plan
    return None


async def signal_times(client: Client, workflow_id: str, run_id: str, ordinals: Collection[int]) -> dict[int, float]:
    """When the n-th signals of a run (from 1) were written, in seconds since the epoch, by the server's clock."""
    times: dict[int, float] = {}
    count = 0
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            count += 1
            if count in ordinals:
                times[count] = event.event_time.ToNanoseconds() / 1e9
    return times


async def newest_event_time(client: Client, workflow_id: str) -> float:
    """When the run's newest event was written, in seconds since the epoch, by the server's clock. It is later than that
    now."""
    answer = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace, execution=WorkflowExecution(workflow_id=workflow_id), maximum_page_size=1
        ),
        retry=True,
    )
    return answer.history.events[0].event_time.ToNanoseconds() / 1e9


def _local_result(event: HistoryEvent, name: str) -> Sequence[Payload]:
    """What a local activity of this name answered, where the event is its marker."""
    if event.event_type != EventType.EVENT_TYPE_MARKER_RECORDED:
        return ()
    details = event.marker_recorded_event_attributes.details
    about = json.loads(details["data"].payloads[0].data) if "data" in details else {}
    return details["result"].payloads if about.get("activity_type") == name else ()


async def _backwards(client: Client, workflow_id: str, run_id: str) -> AsyncIterator[HistoryEvent]:
    token = b""
    while True:
        answer = await client.workflow_service.get_workflow_execution_history_reverse(
            GetWorkflowExecutionHistoryReverseRequest(
                namespace=client.namespace,
                execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
                maximum_page_size=PAGE,
                next_page_token=token,
            ),
            retry=True,
        )
        for event in answer.history.events:
            yield event
        token = answer.next_page_token
        if not token:
            return


async def _decoded(client: Client, payload: Payload) -> Any:
    return (await client.data_converter.decode([payload]))[0]

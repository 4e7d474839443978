"""What a run has written, and what it costs: events, bytes, workflow tasks, billable actions.

Temporal's cloud bills actions, and a server of one's own works for the same things. An action is the start of a run, an
activity's attempt, a timer, a signal, an update, an upsert of search attributes, going on in a new Temporal run; and
the local activities of one workflow task together. They are counted from the history here. Two kinds are in no history:
queries, and heartbeats of activities (`benchmarks.harness.requests` counts those).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

_ACTIONS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    }
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run, in its last Temporal run."""

    events: int
    bytes: int
    tasks: int
    actions: int


async def cost(client: Client, run_id: str) -> Cost:
    """What a run has cost so far."""
    handle = client.get_workflow_handle(run_id)
    events = (await handle.fetch_history()).events
    description = await handle.describe()
    return Cost(
        events=len(events),
        bytes=description.raw_description.workflow_execution_info.history_size_bytes,
        tasks=sum(one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for one in events),
        actions=_actions(events),
    )


async def written(client: Client, run_id: str) -> int:
    """The bytes of a run's histories, in all of its Temporal runs."""
    size, temporal_run = 0, None
    while True:
        handle = client.get_workflow_handle(run_id, run_id=temporal_run)
        description = await handle.describe()
        size += description.raw_description.workflow_execution_info.history_size_bytes
        first = await anext(handle.fetch_history_events(page_size=1))
        temporal_run = first.workflow_execution_started_event_attributes.continued_execution_run_id
        if not temporal_run:
            return size


def _actions(events: Sequence[HistoryEvent]) -> int:
    attempts = sum(
        one.activity_task_started_event_attributes.attempt
        for one in events
        if one.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    return attempts + sum(one.event_type in _ACTIONS for one in events) + _tasks_with_local_activities(events)


def _tasks_with_local_activities(events: Iterable[HistoryEvent]) -> int:
    return len(
        {
            one.marker_recorded_event_attributes.workflow_task_completed_event_id
            for one in events
            if one.event_type == EventType.EVENT_TYPE_MARKER_RECORDED and _is_local_activity(one)
        }
    )


def _is_local_activity(event: HistoryEvent) -> bool:
    details = event.marker_recorded_event_attributes.details
    return "data" in details and "activity_type" in json.loads(details["data"].payloads[0].data)

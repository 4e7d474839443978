"""The histories of a run on the server: what is written in all of them, and when the newest one has come to rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus

from agno_temporal.follow.recorded import recorded
from tests.chapters.scenes import temporal_runs
from tests.support import eventually

FOR_LONG = 180.0
"""Seconds. The clocks of a run and of the reference drift apart by what a busy machine takes for it."""

MOVED_ON = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
}
"""What the server notes when time is moved on. No worker answers for it."""


async def written(client: Client, run_id: str, kind: EventType.ValueType) -> list[HistoryEvent]:
    """Its events of a kind so far, over all of its Temporal runs."""
    events: list[HistoryEvent] = []
    for place in await temporal_runs(client, run_id):
        history = await client.get_workflow_handle(run_id, run_id=place).fetch_history()
        events += [event for event in history.events if event.event_type == kind]
    return events


async def newest(client: Client, run_id: str) -> str | None:
    """The Temporal run that it is in."""
    return (await client.get_workflow_handle(run_id).describe()).run_id


async def gone_on(client: Client, run_id: str, since: str | None) -> None:
    """Wait until it is in another Temporal run."""

    async def elsewhere() -> bool:
        return await newest(client, run_id) != since

    await eventually(f"run {run_id} in a new Temporal run", elsewhere, FOR_LONG)


async def at_rest(client: Client, run_id: str) -> None:
    """Wait until nothing in it waits for a worker, nor will before a deadline: without one its time could not be moved
    on. A run that is about to go on in a new Temporal run, or has just done so, is not there yet."""

    async def nothing_waits() -> bool:
        handle = client.get_workflow_handle(run_id, run_id=await newest(client, run_id))
        history = await handle.fetch_history()
        known = recorded(history)
        now = await handle.describe()
        waits = now.raw_description
        return (
            known is not None
            and now.status is WorkflowExecutionStatus.RUNNING  # And not closed, as one that has just gone on.
            and {event.event_type for event in history.events[len(known.events) :]} <= MOVED_ON
            and not _ticks(history.events)
            and not waits.pending_activities
            and not waits.HasField("pending_workflow_task")
        )

    await eventually(f"run {run_id} at rest", nothing_waits, FOR_LONG)


def _ticks(events: Sequence[HistoryEvent]) -> bool:
    """Whether a timer is open that is no deadline."""
    started = [event.timer_started_event_attributes for event in events]
    over = {event.timer_fired_event_attributes.timer_id for event in events}
    over |= {event.timer_canceled_event_attributes.timer_id for event in events}
    return any(
        one.start_to_fire_timeout.ToTimedelta() < timedelta(seconds=1) for one in started if one.timer_id not in over
    )

"""When a signal was written, by the server's clock: what decides about a decision that came out of an outage."""

from __future__ import annotations

from typing import Any

from temporalio import activity

from agno_temporal.activities.beat import beating
from agno_temporal.activities.history import signal_times
from agno_temporal.contract import names
from agno_temporal.contract.tasks import EventTimes, EventTimeTask
from agno_temporal.plan.data import Json, from_json, to_json


class EventTime:
    """The activity `agno.event_time`."""

    @activity.defn(name=names.EVENT_TIME)
    async def event_time(self, task: Json) -> dict[str, Any]:
        ordinals = from_json(EventTimeTask, task).ordinals
        info = activity.info()
        with beating():
            times = await signal_times(activity.client(), info.workflow_id or "", info.workflow_run_id or "", ordinals)
        answer: dict[str, Any] = to_json(EventTimes(tuple(times.get(ordinal) for ordinal in ordinals)))
        return answer

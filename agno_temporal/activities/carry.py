"""From one Temporal run of a run to the next: what was kept for it, and the outputs that it still names.

Both are in the history that has ended, which Temporal deletes some time after. So they are read there and written here,
as this activity's result: then this history has all that the run needs, and readers find it as they find any output.
"""

from __future__ import annotations

from typing import Any

from temporalio import activity

from agno_temporal.activities.beat import beating
from agno_temporal.activities.bounds import MAX_RESULT_BYTES, size_of
from agno_temporal.activities.history import MissingOutput, read_kept, results_of
from agno_temporal.activities.refusals import as_temporal_failures
from agno_temporal.contract import names
from agno_temporal.contract.chapter import Carried, CarryTask
from agno_temporal.plan.data import Json, from_json, to_json


class Carry:
    """The activities `agno.keep` and `agno.carry`."""

    @activity.defn(name=names.KEEP)
    async def keep(self, piece: Json) -> dict[str, Any]:
        """What is kept is the argument, which Temporal has written by now."""
        return {}

    @activity.defn(name=names.CARRY)
    async def carry(self, task: Json) -> dict[str, Any]:
        with beating(), as_temporal_failures():
            answer: dict[str, Any] = to_json(await _brought(from_json(CarryTask, task)))
            return answer


async def _brought(task: CarryTask) -> Carried:
    client, workflow_id = activity.client(), activity.info().workflow_id or ""
    if task.kept is not None:
        return Carried(text=await read_kept(client, workflow_id, task.run_id, task.kept))
    results: dict[str, Json] = {}
    rest = dict.fromkeys(task.outputs)
    size = 0
    async for activity_id, result in results_of(client, workflow_id, task.run_id, task.outputs):
        kept = {"body": result.get("body"), "events": result.get("events")}
        size += size_of(kept) + len(activity_id)
        if results and size > MAX_RESULT_BYTES:
            return Carried(results=results, rest=tuple(rest))
        results[activity_id] = kept
        del rest[activity_id]
    if rest:
        raise MissingOutput(f"The Temporal run {task.run_id} has no result of {', '.join(rest)}.")
    return Carried(results=results)

"""Handing notices over: each becomes a workflow that delivers it, and that the run never hears of again.

It talks to Temporal alone, so that it takes milliseconds, and no receiver has a part in it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.beat import beating
from agno_temporal.activities.handing_over import hand_over
from agno_temporal.activities.local import bounded
from agno_temporal.activities.refusals import as_temporal_failures
from agno_temporal.contract import names
from agno_temporal.contract.notices import Notice, NotifyTask
from agno_temporal.plan.data import Json, from_json


class Notify:
    """The activity `agno.notify`, local at first."""

    @activity.defn(name=names.NOTIFY)
    async def notify(self, task: Json) -> dict[str, Any]:
        wanted = from_json(NotifyTask, task)
        if activity.info().is_local:
            return {"told": await bounded(_told(wanted), False)}
        with beating(), as_temporal_failures():
            return {"told": await _told(wanted)}


async def _told(task: NotifyTask) -> bool:
    await asyncio.gather(*map(_start, task.notices))
    await asyncio.gather(*map(_withdraw, task.withdrawn))
    return True


async def _start(notice: Notice) -> None:
    info = activity.info()
    await hand_over(activity.client(), notice, info.workflow_id or "", info.task_queue)


async def _withdraw(notice_id: str) -> None:
    try:
        await activity.client().get_workflow_handle(notice_id).terminate(reason="it is true no longer")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # It has arrived already.
            raise

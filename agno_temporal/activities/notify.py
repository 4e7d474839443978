"""Handing notices over: each becomes a workflow that delivers it, and that the run never hears of again.

It talks to Temporal alone, so that it takes milliseconds, and no receiver has a part in it. A delivery bears its
notice's id, so that doing it twice does it once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.beat import beating
from agno_temporal.activities.local import bounded
from agno_temporal.activities.refusals import as_temporal_failures
from agno_temporal.contract import names
from agno_temporal.contract.notices import Notice, NotifyTask
from agno_temporal.plan.data import Json, from_json, to_json

LONGEST = timedelta(days=30)
"""When Temporal itself ends a delivery: no worker has webhooks any more."""


class Notify:
    """The activity `agno.notify`, local at first."""

    @activity.defn(name=names.NOTIFY)
    async def notify(self, task: Json) -> dict[str, Any]:
        wanted = from_json(NotifyTask, task)
        if activity.info().is_local:
            return {"told": await bounded(_told(wanted), False)}
        async with beating():
            with as_temporal_failures():
                return {"told": await _told(wanted)}


async def _told(task: NotifyTask) -> bool:
    await asyncio.gather(*map(_start, task.notices))
    await asyncio.gather(*map(_withdraw, task.withdrawn))
    return True


async def _start(notice: Notice) -> None:
    with suppress(WorkflowAlreadyStartedError):
        await activity.client().start_workflow(
            names.DELIVERY,
            to_json(notice),
            id=notice.id,
            task_queue=names.deliveries_queue(activity.info().task_queue),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            execution_timeout=timedelta(seconds=notice.delay) + LONGEST,
            start_delay=timedelta(seconds=notice.delay) if notice.delay else None,
            static_summary=f"{notice.type}, run {activity.info().workflow_id}"[:200],
        )


async def _withdraw(notice_id: str) -> None:
    try:
        await activity.client().get_workflow_handle(notice_id).terminate(reason="it is true no longer")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # It has arrived already.
            raise

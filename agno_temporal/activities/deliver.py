"""One attempt to deliver a notice, and when to try again.

What counts as delivered is Standard Webhooks' rule: any 2xx. All else is tried again after the pauses of the schedule,
for days; 410 says that nobody wants it any more. An endpoint that this worker does not know is looked for a while,
since during a deploy another worker may know it, and has been removed after that. So what counts in the schedule are
refusals, and not Temporal's attempts, of which a look and a lost worker are each one. And what counts for a look is
since when nobody has known the endpoint, and not how old the message is: one that a receiver has refused for an hour
would be lost to the first worker that is not deployed yet. So that moment stands in the heartbeat's details, behind the
count of refusals, until a worker that knows the endpoint tells the count alone.

An endpoint that hangs has its share of a worker's places and no more, or it would have all of them.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.beat import beat, beating, failures_so_far
from agno_temporal.activities.history import leads_to
from agno_temporal.activities.refusals import final, sayable
from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.notices import Delivered, DeliverTask, Notice
from agno_temporal.plan.data import Json, from_json
from agno_temporal.webhooks import Webhook, Webhooks
from agno_temporal.webhooks.sending import NotTaken, send

GONE = 410

JITTER = 0.1
"""Each pause is up to so much longer, so that a receiver that comes back does not get everything at once."""

LOOKING = 5.0
"""Seconds until an endpoint is looked for again."""

logger = logging.getLogger("agno_temporal.webhooks")


class Deliver:
    """The activity `agno.deliver`.

    Args:
        at_once: How many attempts the worker makes at the same time.
    """

    def __init__(self, webhooks: Webhooks, at_once: int) -> None:
        self._webhooks = webhooks
        self._share = max(1, at_once // max(1, len(webhooks.endpoints)))
        self._under_way: Counter[str] = Counter()

    @activity.defn(name=names.DELIVER)
    async def deliver(self, task: Json) -> str:
        with beating():
            return (await self._tried(from_json(DeliverTask, task))).value

    async def _tried(self, task: DeliverTask) -> Delivered:
        endpoint = self._webhooks.get(task.to)
        if endpoint is None:
            return self._looked_for(task)
        if _missed_since() is not None:
            beat(failures_so_far())
        if self._under_way[endpoint.name] >= self._share:
            raise _again(f"webhook {endpoint.name!r}: others are on their way", random.uniform(1, endpoint.timeout))
        self._under_way[endpoint.name] += 1
        try:
            if not await _still_true(task.notice):
                return Delivered.OBSOLETE
            return await self._sent(endpoint, task.notice)
        finally:
            self._under_way[endpoint.name] -= 1

    async def _sent(self, endpoint: Webhook, notice: Notice) -> Delivered:
        try:
            status = await send(endpoint, notice)
        except NotTaken as error:
            raise self._failed(endpoint, notice, str(error)) from None
        if status == GONE:
            logger.warning("webhook %r answers 410: it wants nothing more. Remove it.", endpoint.name)
            return Delivered.GONE
        if not 200 <= status < 300:
            raise self._failed(endpoint, notice, f"answered {status}")
        return Delivered.DELIVERED

    def _looked_for(self, task: DeliverTask) -> Delivered:
        now, since, bound = activity.info().started_time, _missed_since(), self._webhooks.look_for
        if since is None:
            since = now
            beat(failures_so_far(), since.timestamp())
        if now - since >= bound:
            text = "webhook %r, %s %s: no worker that took it for %s has this endpoint; it is not delivered"
            logger.warning(text, task.to, task.notice.type, task.notice.id, bound)
            return Delivered.REMOVED
        raise _again(f"This worker has no webhook {task.to!r}.", LOOKING)

    def _failed(self, endpoint: Webhook, notice: Notice, why: str) -> ApplicationError:
        delays, failures = self._webhooks.delays, failures_so_far() + 1
        beat(failures)
        delay = delays[min(failures, len(delays)) - 1] * (1 + JITTER * random.random())
        text = f"webhook {endpoint.name!r}, {notice.type} {notice.id}: {why}"
        if _age() + timedelta(seconds=delay) > self._webhooks.retry_for:
            logger.error("%s; given up after %d attempts", text, failures)
            return final(text, ErrorType.DELIVERY_GIVEN_UP)
        return _again(text, delay)


def _again(why: str, delay: float) -> ApplicationError:
    return ApplicationError(
        sayable(why), type=ErrorType.DELIVERY_FAILED.value, next_retry_delay=timedelta(seconds=delay)
    )


def _age() -> timedelta:
    """How long this delivery has been tried."""
    return datetime.now(UTC) - activity.info().scheduled_time


def _missed_since() -> datetime | None:
    """When the first of the workers took it that have not known its endpoint. By Temporal's clock: theirs differ."""
    details = activity.info().heartbeat_details
    return datetime.fromtimestamp(details[1], UTC) if len(details) > 1 else None


async def _still_true(notice: Notice) -> bool:
    """A reminder is before its deadline, while its run is open, and was not put back."""
    if notice.while_open is None:
        return True
    deadline = notice.data.get("deadline")
    if deadline is not None and datetime.fromisoformat(deadline) <= activity.info().started_time:
        return False
    client = activity.client()
    try:
        run = await client.get_workflow_handle(notice.while_open).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    if run.status is not WorkflowExecutionStatus.RUNNING:
        return False
    return notice.told_in is None or await leads_to(client, run.id, notice.told_in, run.run_id or "")

"""The delivery of one notice: a workflow of its own, because it may take days, and the run may be over by then.

Each endpoint is one activity, which Temporal tries again after the pauses that the sending worker asks for. However
long that takes, it costs three events. Temporal starts no second delivery of the same id, so that a fact that is handed
over twice, after a crash, is delivered once.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.notices import Delivered, DeliverTask, Notice
from agno_temporal.plan.data import DataError, from_json, to_json

ATTEMPT = timedelta(seconds=60)
"""An attempt bounds itself below this (`webhooks.endpoints.MAX_TIMEOUT`)."""

SILENCE = timedelta(seconds=10)
"""After this, a worker that sent is taken for dead."""

AFTER_A_LOST_WORKER = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=60)
)
"""What a receiver did not take is tried again after a pause of the schedule instead (`activities.deliver`)."""


@workflow.defn(name=names.DELIVERY, sandboxed=False)
class AgnoDelivery:
    """Delivers a notice. Its id is the notice's; its result is how it ended, by endpoint."""

    @workflow.run
    async def run(self, data: Any) -> dict[str, str]:
        try:
            notice = from_json(Notice, data)
        except DataError as error:
            raise ApplicationError(
                f"This is no notice: {error}", type=ErrorType.BAD_REQUEST.value, non_retryable=True
            ) from error
        ends = await asyncio.gather(*(self._deliver(notice, name) for name in notice.to))
        outcomes = {name: end.value for name, end in zip(notice.to, ends, strict=True)}
        if lost := [name for name, end in outcomes.items() if end == Delivered.GIVEN_UP]:
            raise ApplicationError(
                f"{notice.type} was not delivered to {', '.join(lost)}",
                outcomes,
                type=ErrorType.DELIVERY_GIVEN_UP.value,
                non_retryable=True,
            )
        return outcomes

    async def _deliver(self, notice: Notice, endpoint: str) -> Delivered:
        try:
            answer = await workflow.execute_activity(
                names.DELIVER,
                to_json(DeliverTask(notice, endpoint)),
                result_type=str,
                activity_id=names.deliver_activity_id(endpoint),
                summary=endpoint,
                start_to_close_timeout=ATTEMPT,
                heartbeat_timeout=SILENCE,
                retry_policy=AFTER_A_LOST_WORKER,
            )
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type == ErrorType.DELIVERY_GIVEN_UP:
                return Delivered.GIVEN_UP
            raise
        return Delivered(answer)

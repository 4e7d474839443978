"""The start of a delivery, which is all that handing a notice over is.

It bears the notice's id, so that a fact which is handed over twice, or by two, is delivered once. Temporal keeps a
delivery longer than the run that it tells of, because it ends later: as long as the run can be asked about, its end is
not told anew. A run that is put back may come to another end: the ids are those of the Temporal run that hands over.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from agno_temporal.contract import names
from agno_temporal.contract.notices import Notice
from agno_temporal.plan.data import to_json

LONGEST = timedelta(days=30)
"""When Temporal itself ends a delivery: no worker has webhooks any more."""


async def hand_over(client: Client, notice: Notice, run_id: str, task_queue: str) -> None:
    """
    Args:
        task_queue: That of the run's workers, who deliver too.
    """
    with suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            names.DELIVERY,
            to_json(notice),
            id=notice.id,
            task_queue=names.deliveries_queue(task_queue),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            execution_timeout=timedelta(seconds=notice.delay) + LONGEST,
            start_delay=timedelta(seconds=notice.delay) if notice.delay else None,
            static_summary=f"{notice.type}, run {run_id}"[:200],
        )

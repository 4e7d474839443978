"""A second worker beside the first, for deliveries alone.

A thousand questions that open while a receiver hangs are a thousand attempts of many seconds each. On the worker of the
steps they would take up its places, and hold up every run. So deliveries have a queue of their own, and so many places.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from temporalio.worker import Worker, WorkerConfig

from agno_temporal.contract import names
from agno_temporal.workflows.delivery import AgnoDelivery
from agno_temporal.workflows.uninterrupted import Uninterrupted

if TYPE_CHECKING:
    from agno_temporal.webhooks import Webhooks

logger = logging.getLogger("agno_temporal.webhooks")

AT_ONCE = 100
"""Attempts that a worker makes at the same time, to all endpoints together."""

_KEPT = ("graceful_shutdown_timeout", "identity", "sticky_queue_schedule_to_start_timeout")
"""What it takes over from the worker beside it."""


def is_for_deliveries(config: WorkerConfig) -> bool:
    return AgnoDelivery in (config.get("workflows") or ())


@asynccontextmanager
async def delivering(worker: Worker, webhooks: Webhooks | None) -> AsyncIterator[None]:
    """Deliver what the runs on this worker's queue tell, for the length of a block."""
    if webhooks is None:
        yield
        return
    from agno_temporal.activities.deliver import Deliver  # Most workers deliver nothing.

    logger.info("webhooks: %s", ", ".join(one.name for one in webhooks.endpoints) or "none are left")
    kept: Any = {key: worker.config(active_config=True).get(key) for key in _KEPT}
    async with Worker(
        worker.client,
        task_queue=names.deliveries_queue(worker.task_queue),
        workflows=[AgnoDelivery],
        unsandboxed_workflow_runner=Uninterrupted(),
        activities=[Deliver(webhooks, AT_ONCE).deliver],
        max_concurrent_activities=AT_ONCE,
        max_cached_workflows=AT_ONCE,
        **kept,
    ):
        yield

"""What both sides' workers have in common.

Our plugin sets the sticky timeout and the pace of heartbeats on its workers. The workers of the other side are given
the same, and as many threads as activities: else the ratio compares settings.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from agno_temporal.plugin import HEARTBEAT_THROTTLE, STICKY_TIMEOUT

ACTIVITIES = 100
"""How many activities a worker takes at once, on either side."""


def options(*, cached: int) -> dict[str, Any]:
    """Of a `Worker`, on either side."""
    return {
        "max_concurrent_activities": ACTIVITIES,
        "max_cached_workflows": cached,
        "sticky_queue_schedule_to_start_timeout": STICKY_TIMEOUT,
        "max_heartbeat_throttle_interval": HEARTBEAT_THROTTLE,
        "default_heartbeat_throttle_interval": HEARTBEAT_THROTTLE,
    }


@asynccontextmanager
async def working_by_hand(
    client: Client,
    queue: str,
    workflows: Sequence[type],
    activities: Sequence[Callable[..., Any]],
    *,
    sandboxed: bool,
    cached: int,
) -> AsyncIterator[None]:
    """A worker with what was written by hand, in the sandbox as it is by default, or without it."""
    with ThreadPoolExecutor(ACTIVITIES) as threads:
        async with Worker(
            client,
            task_queue=queue,
            workflows=workflows,
            activities=activities,
            activity_executor=threads,
            workflow_runner=SandboxedWorkflowRunner() if sandboxed else UnsandboxedWorkflowRunner(),
            **options(cached=cached),
        ):
            yield

"""Who works on a queue.

Temporal remembers a worker that is gone for five minutes. A poll lasts one, so that when a worker last polled tells
whether it is there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

POLLS_EVERY: Final = 75.0
"""Seconds within which a worker that is there has polled."""

FORGOTTEN_AFTER: Final = 360.0
"""Seconds after which Temporal has certainly forgotten a worker."""

TOLERANCE: Final = 5.0
"""Seconds by which clocks differ without anybody's noticing."""

RUNS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
STEPS: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


async def pollers(
    client: Client, task_queue: str, kind: TaskQueueType.ValueType = RUNS, timeout: timedelta | None = None
) -> Sequence[PollerInfo]:
    """The workers that Temporal remembers, for a run's decisions or for its steps."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    # A server closes its connections every few minutes, and a raw call that it cuts off is not repeated by itself.
    return (await client.workflow_service.describe_task_queue(request, retry=True, timeout=timeout)).pollers


def is_there(poller: PollerInfo) -> bool:
    """Whether it has polled lately, by this machine's clock; and where that clock cannot be right, since Temporal would
    have forgotten what it says, whether Temporal remembers it at all."""
    return seconds_since(poller) < POLLS_EVERY or skew(poller) > 0


def seconds_since(poller: PollerInfo) -> float:
    """Since its last poll, by this machine's clock."""
    return time.time() - poller.last_access_time.ToSeconds()


def skew(poller: PollerInfo) -> float:
    """By how many seconds this machine's clock is certainly ahead of Temporal's; less than 0, behind it."""
    since = seconds_since(poller)
    return max(since - FORGOTTEN_AFTER, 0.0) if since > 0 else min(since + TOLERANCE, 0.0)

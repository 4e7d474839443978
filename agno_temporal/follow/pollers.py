"""Who works on a queue.

Temporal remembers a worker that is gone for five minutes. A poll lasts one, so that when a worker last polled tells
whether it is there. One whose version is not the current one polls as all others do, and is given no new run.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue, TaskQueueVersioningInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion

POLLS_EVERY: Final = 75.0
"""Seconds within which a worker that is there has polled."""

FORGOTTEN_AFTER: Final = 360.0
"""Seconds after which Temporal has certainly forgotten a worker."""

TOLERANCE: Final = 5.0
"""Seconds by which clocks differ without anybody's noticing."""

RUNS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
STEPS: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


@dataclass(frozen=True)
class Polled:
    """The workers of a queue that Temporal remembers.

    Attributes:
        taking: Those that are given new runs.
        waiting: Those that are given none until their version is the current one. They go on with runs that are pinned
            to it.
    """

    taking: Sequence[PollerInfo]
    waiting: Sequence[PollerInfo]

    @property
    def unused(self) -> WorkerDeploymentVersion | None:
        """The version that is to be made the current one, where nobody takes new runs and somebody could."""
        if self.taking or not self.waiting:
            return None
        of = self.waiting[0].deployment_options
        return WorkerDeploymentVersion(of.deployment_name, of.build_id)


async def polled(
    client: Client, task_queue: str, kind: TaskQueueType.ValueType = RUNS, timeout: timedelta | None = None
) -> Polled:
    """The workers that Temporal remembers, for a run's decisions or for its steps, and which of them take new runs."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    # A server closes its connections every few minutes, and a raw call that it cuts off is not repeated by itself.
    told = await client.workflow_service.describe_task_queue(request, retry=True, timeout=timeout)
    takes = [_takes_runs(one, told.versioning_info) for one in told.pollers]
    return Polled(
        [one for one, does in zip(told.pollers, takes, strict=True) if does],
        [one for one, does in zip(told.pollers, takes, strict=True) if not does],
    )


async def pollers(client: Client, task_queue: str, kind: TaskQueueType.ValueType = RUNS) -> Sequence[PollerInfo]:
    """The workers that Temporal remembers, whatever version they are of."""
    known = await polled(client, task_queue, kind)
    return [*known.taking, *known.waiting]


def _takes_runs(poller: PollerInfo, routing: TaskQueueVersioningInfo) -> bool:
    """Whether it is of a version to which new runs go; and of none, since runs without a version may go on with it."""
    of = poller.deployment_options
    if of.worker_versioning_mode != WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED:
        return True
    chosen = (routing.current_deployment_version, routing.ramping_deployment_version)
    return any((of.deployment_name, of.build_id) == (one.deployment_name, one.build_id) for one in chosen)


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

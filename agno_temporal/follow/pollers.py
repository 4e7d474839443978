"""Who works on a queue.

Temporal remembers a worker that is gone for five minutes. A poll lasts one, so that when a worker last polled tells
whether it is there. One whose version is not the current one polls as all others do, and is given no new run. One
without a version is given nothing at all while a version is the current one. A rollback to such workers changes
nothing of that, and runs wait for workers that are gone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.api.deployment.v1 import WorkerDeploymentOptions
from temporalio.api.deployment.v1 import WorkerDeploymentVersion as Version
from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion

from agno_temporal.follow.visibility import ANSWERED_WITHIN

POLLS_EVERY: Final = 75.0
"""Seconds within which a worker that is there has polled."""

FORGOTTEN_AFTER: Final = 360.0
"""Seconds after which Temporal has certainly forgotten a worker."""

TOLERANCE: Final = 5.0
"""Seconds by which clocks differ without anybody's noticing."""

NO_VERSION: Final = WorkerDeploymentVersion("", "")
"""That of workers without one."""

RUNS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
STEPS: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


@dataclass(frozen=True)
class Polled:
    """The workers of a queue that Temporal remembers.

    Attributes:
        taking: Those that are given new runs.
        waiting: Those of a version, which are given none until it is the current one. They go on with runs that are
            pinned to it.
        passed_over: Those of no version, while all runs go to one. They are given nothing, and no run of their own.
        current: The version to which all runs go that are not pinned; NO_VERSION where none is the current one.
    """

    taking: Sequence[PollerInfo]
    waiting: Sequence[PollerInfo]
    passed_over: Sequence[PollerInfo]
    current: WorkerDeploymentVersion

    @property
    def all(self) -> Sequence[PollerInfo]:
        """Whatever they are given."""
        return [*self.taking, *self.waiting, *self.passed_over]

    @property
    def versions(self) -> frozenset[WorkerDeploymentVersion]:
        """What they are of: a run that is pinned to another version goes to none of them."""
        return frozenset(map(_version_of, self.all)) - {NO_VERSION}

    @property
    def there(self) -> Polled:
        """Without those that have not polled lately."""
        taking, waiting, passed_over = (
            list(filter(is_there, some)) for some in (self.taking, self.waiting, self.passed_over)
        )
        return Polled(taking, waiting, passed_over, self.current)

    @property
    def unused(self) -> WorkerDeploymentVersion | None:
        """The version of those that wait. Where nobody takes new runs, it is to be made the current one."""
        return _version_of(self.waiting[0]) if self.waiting else None


async def polled(
    client: Client, task_queue: str, kind: TaskQueueType.ValueType = RUNS, timeout: timedelta = ANSWERED_WITHIN
) -> Polled:
    """The workers that Temporal remembers, for a run's decisions or for its steps, and which of them take new runs."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind
    )
    # A server closes its connections every few minutes, and a raw call that it cuts off is not repeated by itself.
    return told_apart(await client.workflow_service.describe_task_queue(request, retry=True, timeout=timeout))


def told_apart(told: DescribeTaskQueueResponse) -> Polled:
    """Who takes new runs, by what Temporal tells of a queue. It names no version where it means workers without."""
    routing = told.versioning_info
    current, ramping = map(_version, (routing.current_deployment_version, routing.ramping_deployment_version))
    chosen = {current, ramping} if routing.ramping_version_percentage > 0 else {current}
    taking, waiting, passed_over = list[PollerInfo](), list[PollerInfo](), list[PollerInfo]()
    for one in told.pollers:
        version = _version_of(one)
        (taking if version in chosen else passed_over if version == NO_VERSION else waiting).append(one)
    return Polled(taking, waiting, passed_over, current)


async def pollers(client: Client, task_queue: str, kind: TaskQueueType.ValueType = RUNS) -> Sequence[PollerInfo]:
    """The workers that Temporal remembers, whatever version they are of."""
    return (await polled(client, task_queue, kind)).all


def _version_of(poller: PollerInfo) -> WorkerDeploymentVersion:
    of = poller.deployment_options
    versioned = of.worker_versioning_mode == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    return _version(of) if versioned else NO_VERSION


def _version(named: WorkerDeploymentOptions | Version) -> WorkerDeploymentVersion:
    return WorkerDeploymentVersion(named.deployment_name, named.build_id)


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

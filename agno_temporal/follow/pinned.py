"""Runs that the workers of one version alone take: which version that is, and how such a run gets away from it.

Temporal pins a run to the version of whichever worker completed its last workflow task, and not to the one that it
began on. So the first version that pins takes every open run that began without one; and from then on neither another
current version nor a rollback moves it. Only an override does (docs/upgrading.md).
"""

from __future__ import annotations

import shlex
from collections.abc import Collection
from dataclasses import dataclass

from temporalio.api.deployment.v1 import WorkerDeploymentVersion as Version
from temporalio.api.enums.v1 import VersioningBehavior
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.follow.visibility import quoted, runs_query, visible_page


@dataclass(frozen=True)
class Stranded:
    """Open runs that are pinned to versions which nobody works for.

    Attributes:
        run_id: One of them.
        version: Its version; None where it has just been let go.
        count: How many there are.
    """

    run_id: str
    version: WorkerDeploymentVersion | None
    count: int


def pinned_to(description: WorkflowExecutionDescription) -> WorkerDeploymentVersion | None:
    """The version that the run is bound to; None where it goes on with whichever is the current one."""
    info = description.raw_description.workflow_execution_info.versioning_info
    override = info.versioning_override
    if override.auto_upgrade:
        return None
    if override.pinned.HasField("version"):
        return _version(override.pinned.version)
    is_pinned = info.behavior == VersioningBehavior.VERSIONING_BEHAVIOR_PINNED
    return _version(info.deployment_version) if is_pinned else None


def let_go(run_id: str) -> str:
    """The command that has a pinned run go on with whichever version is the current one."""
    return f"temporal workflow update-options -w {shlex.quote(run_id)} --versioning-override-behavior auto_upgrade"


async def stranded(client: Client, task_queue: str, there: Collection[WorkerDeploymentVersion]) -> Stranded | None:
    """Open runs of the queue that are pinned to other versions than these; None where there are none, and where the
    server knows no versions."""
    query = f"{runs_query(task_queue, is_open=True)} AND TemporalWorkflowVersioningBehavior = 'Pinned'"
    if there:
        names = ", ".join(quoted(f"{one.deployment_name}:{one.build_id}") for one in there)
        query += f" AND TemporalWorkerDeploymentVersion NOT IN ({names})"
    try:
        runs = (await visible_page(client, query, size=1)).runs
        if not runs:
            return None
        count = (await client.count_workflows(query)).count
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:  # It has no such search attribute.
            return None
        raise
    run_id = runs[0].execution.workflow_id
    return Stranded(run_id, pinned_to(await client.get_workflow_handle(run_id).describe()), max(count, 1))


def _version(named: Version) -> WorkerDeploymentVersion:
    return WorkerDeploymentVersion(named.deployment_name, named.build_id)

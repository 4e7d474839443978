"""Whom a queue's new runs go to, by what Temporal tells of its workers and of the versions that are chosen."""

from __future__ import annotations

import pytest
from temporalio.api.deployment.v1 import WorkerDeploymentOptions, WorkerDeploymentVersion
from temporalio.api.enums.v1 import WorkerVersioningMode
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueueVersioningInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueResponse

from agno_temporal.client.idle import idle
from agno_temporal.follow.pollers import Polled, told_apart


def worker(build_id: str | None) -> PollerInfo:
    """One of version `releases:build_id`, or of none."""
    if build_id is None:
        return PollerInfo(identity="none")
    mode = WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    of = WorkerDeploymentOptions(deployment_name="releases", build_id=build_id, worker_versioning_mode=mode)
    return PollerInfo(identity=build_id, deployment_options=of)


def version(build_id: str | None) -> WorkerDeploymentVersion | None:
    return WorkerDeploymentVersion(deployment_name="releases", build_id=build_id) if build_id else None


def queue(
    *polling: str | None, current: str | None = None, ramping: str | None = None, percentage: float = 0
) -> Polled:
    routing = TaskQueueVersioningInfo(
        current_deployment_version=version(current),
        ramping_deployment_version=version(ramping),
        ramping_version_percentage=percentage,
    )
    return told_apart(DescribeTaskQueueResponse(pollers=map(worker, polling), versioning_info=routing))


@pytest.mark.parametrize(
    ("known", "taking"),
    [
        pytest.param(queue(None, "1.0"), ["none"], id="no version is current"),
        pytest.param(queue(None, "1.0", "2.0", current="1.0"), ["1.0"], id="one is"),
        pytest.param(queue(None, current="1.0"), [], id="one is, and has no worker"),
        pytest.param(queue(None, "1.0", "2.0", current="1.0", ramping="2.0", percentage=5), ["1.0", "2.0"], id="ramp"),
        pytest.param(queue(None, "1.0", "2.0", current="1.0", ramping="2.0"), ["1.0"], id="a ramp of nothing"),
        pytest.param(queue(None, "1.0", ramping="1.0", percentage=5), ["none", "1.0"], id="a ramp from none"),
        pytest.param(queue(None, "1.0", current="1.0", percentage=5), ["none", "1.0"], id="a ramp to none"),
    ],
)
def test_new_runs_go_to_the_current_version_or_to_workers_of_none_where_none_is_current(
    known: Polled, taking: list[str]
) -> None:
    assert [one.identity for one in known.taking] == taking


def test_while_somebody_takes_runs_nothing_is_to_be_done() -> None:
    assert idle("q", queue(None)) is idle("q", queue(None, "1.0", current="1.0")) is idle("q", queue()) is None


def test_a_version_that_is_not_the_current_one_is_to_be_made_that() -> None:
    found = idle("q", queue("2.0", current="1.0"))
    assert found is not None
    assert found.why == "the workers on task queue 'q' are of version 'releases.2.0', which is not the current one"
    assert found.command.endswith("set-current-version --deployment-name releases --build-id 2.0 --yes")


def test_workers_of_no_version_are_to_be_given_the_runs_of_the_current_one() -> None:
    found = idle("q", queue(None, current="1.0"))
    assert found is not None
    assert found.why.endswith("are of no version, and all runs go to 'releases.1.0', of which no worker is there")
    assert found.command.endswith("set-current-version --deployment-name releases --unversioned --yes")

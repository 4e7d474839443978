"""Workers with versions: Temporal chooses one for each run, and the operator says how a run goes from one to the next.

Pinned, a run ends on the version that it began on; with auto-upgrade, it goes on with the current one, as all runs do
whose workers have no version.
"""

from __future__ import annotations

import uuid

import pytest
from agno.workflow import Step, Workflow
from temporalio.api.enums.v1 import TaskQueueKind, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, SetWorkerDeploymentCurrentVersionRequest
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from agno_temporal.client import NoWorker
from agno_temporal.connect.settings import BadSetting
from agno_temporal.connect.versioning import deployment_from, how_to_use
from tests.support import Bench, eventually
from tests.upgrades.deploys import Deployed, Ran, Version, workflow

VARIABLES = ("TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID", "AGNO_TEMPORAL_VERSIONING")


async def make_current(bench: Bench, config: WorkerDeploymentConfig) -> None:
    """What `temporal worker deployment set-current-version` does; and until the task queue has heard of it, which is
    told later and gives a query to the version that it knows of."""
    service, namespace = bench.client.workflow_service, bench.client.namespace

    async def is_set() -> bool:
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace=namespace,
            deployment_name=config.version.deployment_name,
            build_id=config.version.build_id,
            identity="test",
        )
        try:
            await service.set_worker_deployment_current_version(request)
        except RPCError as error:
            if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                return False  # Its worker has not polled yet.
            raise
        return True

    async def is_heard_of() -> bool:
        request = DescribeTaskQueueRequest(
            namespace=namespace,
            task_queue=TaskQueue(name=bench.task_queue, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        version = (await service.describe_task_queue(request)).versioning_info.current_deployment_version
        return (version.deployment_name, version.build_id) == (
            config.version.deployment_name,
            config.version.build_id,
        )

    await eventually("the worker's version to be known", is_set)
    await eventually("the task queue to hear of the current version", is_heard_of)


async def waits(bench: Bench, run_id: str) -> None:
    """Until the run waits. One part of the server after the other hears of a current version, and a question may come
    to one that knows of no worker yet."""

    async def is_paused() -> bool:
        try:
            return bool(await bench.paused(run_id))
        except NoWorker:
            return False

    await eventually("the run to wait", is_paused)


def versions(bench: Bench, behaviour: str) -> list[WorkerDeploymentConfig]:
    name = f"deployment-{uuid.uuid4().hex[:8]}"
    made = [deployment_from(name, build_id, behaviour) for build_id in ("1.0", "2.0")]
    return [one for one in made if one is not None]


async def waits_on(bench: Bench, run_id: str) -> str:
    description = await bench.client.get_workflow_handle(run_id).describe()
    return description.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id


def edited(v: Version, last: str) -> Workflow:
    return workflow(v.gate(), v.step(last))


@pytest.mark.slow
async def test_a_pinned_run_ends_on_the_version_that_it_began_on(bench: Bench) -> None:
    ran: Ran = []
    old, new = versions(bench, "pinned")
    run, later = Deployed(bench), Deployed(bench)
    async with bench.worker(edited(Version(1, ran), "publish"), deployment_config=old):
        await make_current(bench, old)
        run.run_id = await bench.start(edited(Version(1), "publish"), "x")
        await waits(bench, run.run_id)
        async with bench.worker(edited(Version(2, ran), "ship"), deployment_config=new):
            await make_current(bench, new)
            await run.decide()
            await run.completed()
            assert ran == [("gate", 1), ("publish", 1)]

            async def begins_on_the_new_one() -> bool:
                """The server remembers for a second or two which version a queue's runs begin on."""
                later.run_id = await bench.start(edited(Version(1), "publish"), "x")
                await waits(bench, later.run_id)
                return await waits_on(bench, later.run_id) == "2.0"

            await eventually("a run to begin on the current version", begins_on_the_new_one)


@pytest.mark.slow
async def test_with_auto_upgrade_a_run_goes_on_with_the_current_version_and_is_blocked_as_ever(bench: Bench) -> None:
    """The old worker is drained, as in a deploy: until the queues know of the current version, it would go on with the
    runs that it has in memory."""
    ran: Ran = []
    old, new = versions(bench, "auto-upgrade")
    run = Deployed(bench)
    async with bench.worker(edited(Version(1, ran), "publish"), deployment_config=old):
        await make_current(bench, old)
        run.run_id = await bench.start(edited(Version(1), "publish"), "x")
        await waits(bench, run.run_id)
    async with bench.worker(edited(Version(2, ran), "ship"), deployment_config=new):
        await make_current(bench, new)
        await run.decide()
        assert 'this worker\'s workflow has the step "ship"' in (await run.blocked()).reason
    async with bench.worker(edited(Version(3, ran), "publish"), deployment_config=new):
        await run.completed()
    assert ran == [("gate", 2), ("publish", 3)]


async def test_a_version_without_a_behaviour_is_refused_with_the_two_that_there_are(bench: Bench) -> None:
    config = WorkerDeploymentConfig(WorkerDeploymentVersion("releases", "1"), use_worker_versioning=True)
    step = Step(name="a", executor=lambda _: "a")
    with pytest.raises(ValueError, match=r"VersioningBehavior.AUTO_UPGRADE, or PINNED"):
        async with bench.worker(workflow(step), deployment_config=config):
            pass


def test_without_a_word_a_worker_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert deployment_from() is None


def test_an_option_wins_over_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(VARIABLES, ("releases", "1.0", "pinned"), strict=True):
        monkeypatch.setenv(name, value)
    config = deployment_from()
    assert config is not None
    assert config.version == WorkerDeploymentVersion("releases", "1.0")
    assert config.default_versioning_behavior is VersioningBehavior.PINNED
    config = deployment_from("others", "2.0", "auto-upgrade")
    assert config is not None
    assert config.version == WorkerDeploymentVersion("others", "2.0")
    assert config.default_versioning_behavior is VersioningBehavior.AUTO_UPGRADE
    assert "--deployment-name others --build-id 2.0 --yes)" in how_to_use(config)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("releases", None, None), r"needs --build-id \(TEMPORAL_WORKER_BUILD_ID\)"),
        ((None, "1", None), r"needs --deployment \(TEMPORAL_DEPLOYMENT_NAME\)"),
        ((None, None, "pinned"), r"needs --deployment \(TEMPORAL_DEPLOYMENT_NAME\)"),
        (("releases", "1", "sometimes"), "has to be auto-upgrade or pinned"),
        (("re.leases", "1", None), r"takes no '\.' in it"),
        (("re:leases", "1", None), "takes no ':' in it"),
        (("re leases", "1", None), "without spaces"),
        (("__releases", "1", None), "at most 255 characters without spaces and no '__' before"),
        (("releases", "1" * 256, None), "at most 255 characters"),
    ],
)
def test_what_temporal_would_not_take_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, given: tuple[str | None, str | None, str | None], said: str
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadSetting, match=said):
        deployment_from(*given)

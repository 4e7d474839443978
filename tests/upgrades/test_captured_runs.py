"""Runs that a version takes although they did not begin on it: what captures them, who says so, and the way out.

Temporal pins a run to the version of whichever worker completes its last task. So a first version that pins takes the
runs that began on workers without one, and keeps them on code that they did not begin on.
"""

from __future__ import annotations

import asyncio
import shlex
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.worker import WorkerDeploymentConfig

from agno_temporal import RunClient
from agno_temporal.cli import doctor
from agno_temporal.client import NoWorker, reach
from agno_temporal.connect.settings import Settings
from agno_temporal.follow.pollers import Polled, polled
from agno_temporal.views.run_view import manifest_of
from tests.operations.page import Section
from tests.support import Bench, eventually
from tests.upgrades.deploys import Deployed, Ran, Version
from tests.upgrades.test_worker_versions import edited, make_current, versions

pytestmark = pytest.mark.slow

PAGE = Section("A version that pins has taken runs that did not begin on it")


@dataclass
class Captured:
    """A run that began without a version, and was taken by one that has renamed its step."""

    run: Deployed
    by: WorkerDeploymentConfig
    reason: str

    @property
    def name(self) -> str:
        return self.by.version.to_canonical_string()

    @property
    def way_out(self) -> str:
        return f"temporal workflow update-options -w {self.run.run_id} --versioning-override-behavior auto_upgrade"


async def captured(bench: Bench, ran: Ran) -> Captured:
    """It is blocked, and the workers of its version are gone: the deploy was rolled back."""
    _, new = versions(bench, "pinned")
    run = Deployed(bench)
    await run.start(edited(Version(1, ran), "publish"))
    async with bench.worker(edited(Version(2, ran), "ship"), deployment_config=new):
        await make_current(bench, new)
        await run.decide()
        reason = (await run.blocked()).reason
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=bench.client.namespace, deployment_name=new.version.deployment_name, identity="test"
    )
    await bench.client.workflow_service.set_worker_deployment_current_version(request)
    return Captured(run, new, reason)


async def without_versions(*arguments: Any, **options: Any) -> Polled:
    """Who polls, as five minutes later, when Temporal has forgotten the version's worker."""
    known = await polled(*arguments, **options)
    return Polled(known.taking, (), known.passed_over, known.current)


async def test_a_run_that_a_pinning_version_has_taken_says_so_and_goes_on_after_the_command_that_is_told(
    bench: Bench, server: str
) -> None:
    ran: Ran = []
    at = await captured(bench, ran)
    PAGE.shows("The run is pinned to version", at.reason)
    assert f"The run is pinned to version {at.name!r}" in at.reason
    assert at.way_out in at.reason
    async with bench.worker(edited(Version(3, ran), "publish")):
        await asyncio.to_thread(subprocess.run, [*shlex.split(at.way_out), "--address", server], check=True)
        await at.run.completed()
    assert ran == [("gate", 2), ("publish", 3)]


async def test_whoever_asks_for_a_pinned_run_is_told_which_version_it_needs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await captured(bench, [])
    runs = RunClient(bench.client, bench.task_queue, answer_timeout=timedelta(seconds=0.5))
    name, build_id = at.by.version.deployment_name, at.by.version.build_id
    start = f"worker module:workflow --task-queue {bench.task_queue} --deployment {name} --build-id {build_id}"
    async with bench.worker(edited(Version(1), "publish")):
        with pytest.raises(NoWorker) as asked:
            await runs.manifest(at.run.run_id)
        monkeypatch.setattr(reach, "polled", without_versions)
        with pytest.raises(NoWorker) as shown:
            await manifest_of(bench.runs, at.run.run_id)
    for said in (str(asked.value), str(shown.value)):
        PAGE.shows("It is pinned to version", said)
        assert f"It is pinned to version {at.name!r}" in said
        assert start in said
        assert at.way_out in said


async def test_a_doctor_names_a_run_whose_version_nobody_works_for_until_it_is_let_go(
    bench: Bench, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await captured(bench, [])
    monkeypatch.setattr(doctor, "polled", without_versions)
    place = Settings(address=server, task_queue=bench.task_queue)

    async def found() -> doctor.Finding | None:
        findings = [one async for one in doctor.examined(place, ())]
        return next((one for one in findings if one.what == "Pinned"), None)

    async def is_well() -> bool:
        return await found() is None

    async with bench.worker(edited(Version(1), "publish")):
        finding = await eventually("the run to be listed as pinned", found)
        assert finding is not None
        PAGE.shows("and no worker of it polls", finding.said)
        assert f"Run {at.run.run_id!r} is pinned to version {at.name!r}" in finding.said
        assert finding.mend is not None
        assert f"--build-id {at.by.version.build_id} --versioning pinned" in finding.mend
        await asyncio.to_thread(subprocess.run, [*shlex.split(at.way_out), "--address", server], check=True)
        await eventually("nothing to be amiss", is_well)

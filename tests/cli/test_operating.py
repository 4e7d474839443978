"""`unblock` and `terminate`, straight against Temporal and through an API: what an operator does to a run that cannot
help itself."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from agno.workflow import Workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import PauseActivityRequest

from tests.cli import scenes
from tests.cli.conftest import Cli, Remote
from tests.support import Bench, eventually


@pytest.fixture(params=["direct", "remote"])
async def operator(request: pytest.FixtureRequest, cli: Cli, remote: Remote) -> AsyncIterator[Cli]:
    """Commands of somebody who keeps runs going. Workers come and go in the tests."""
    if request.param == "direct":
        yield cli
        return
    async with remote.of(scenes.gated(), worker=False) as far:
        yield far


async def held(bench: Bench, run_id: str) -> None:
    """Let what is blocked not be tried when its turn comes: that may be sooner than a command is sent."""
    client = bench.runs.client
    for one in await bench.runs.blocked(run_id):
        where = WorkflowExecution(workflow_id=run_id)
        request = PauseActivityRequest(namespace=client.namespace, execution=where, id=one.activity_id)
        await client.workflow_service.pause_activity(request)


async def blocked_run(cli: Cli, bench: Bench) -> str:
    """A run whose last step the deployed workflow had not, when it was tried. By itself it is not tried again."""
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
    new = Workflow(name="gated", steps=[scenes.step("build"), scenes.step("ship"), scenes.step("announce")])
    async with bench.worker(new):
        await cli.ok("confirm", run_id)
        await eventually("the step to be blocked", lambda: bench.runs.blocked(run_id))
        await held(bench, run_id)
    return run_id


async def test_a_step_that_was_mended_is_tried_at_once(cli: Cli, operator: Cli, bench: Bench):
    run_id = await blocked_run(cli, bench)
    async with bench.worker(scenes.gated()):
        asked_at = time.monotonic()
        said = await operator.ok("unblock", run_id, "tell")
        run = await bench.ended(run_id)
        took = time.monotonic() - asked_at
    assert said.startswith("2#1 is tried again now; it was tried ")
    assert run.status == "COMPLETED"
    assert run.progress["2"].occurrence == 1
    assert took < 20


async def test_another_step_than_the_blocked_one_is_told_which_is(cli: Cli, operator: Cli, bench: Bench):
    run_id = await blocked_run(cli, bench)
    said = await operator.refused(2, "unblock", run_id, "build")
    assert f"Run '{run_id}' is not blocked at step 'build'. Blocked are 2#1: " in said
    said = await operator.refused(2, "unblock", run_id, "nope")
    assert f"Run '{run_id}' has no step 'nope'. Blocked are 2#1: " in said
    await bench.runs.client.get_workflow_handle(run_id).terminate()


async def test_where_nothing_is_blocked_nothing_is_done(operator: Cli, bench: Bench):
    run_id = await bench.start(scenes.gated(), "v2")
    assert "is blocked" in await operator.refused(4, "unblock", run_id)
    assert "There is no run 'nope'" in await operator.refused(4, "unblock", "nope")


async def test_a_terminated_run_has_ended_without_a_worker(cli: Cli, operator: Cli, bench: Bench):
    run_id = await bench.start(scenes.gated(), "v2")
    said = await operator.ok("terminate", run_id, "--yes", "--reason", "wrong tenant")
    assert said == f"Run {run_id} is terminated.\n"
    assert (await cli.json("show", run_id))["status"] == "ERROR"


async def test_a_run_that_has_ended_is_neither_terminated_nor_tried_again(operator: Cli, bench: Bench):
    async with bench.worker(scenes.simple()):
        run_id = await bench.start(scenes.simple(), "v2")
        await bench.ended(run_id)
        assert "ended" in await operator.refused(5, "terminate", run_id, "--yes")
        assert "has ended" in await operator.refused(5, "unblock", run_id)
    assert (await bench.ended(run_id)).status == "COMPLETED"


async def test_where_nobody_can_be_asked_termination_needs_a_yes(operator: Cli, bench: Bench):
    run_id = await bench.start(scenes.gated(), "v2")
    assert "repeat it with --yes" in await operator.refused(2, "terminate", run_id)
    assert "There is no run 'nope'" in await operator.refused(4, "terminate", "nope", "--yes")

"""`unblock` and `terminate`: what an operator does to a run that cannot help itself."""

from __future__ import annotations

import time

from agno.workflow import Workflow

from tests.cli import scenes
from tests.cli.conftest import Cli
from tests.support import Bench, eventually


async def blocked_run(cli: Cli, bench: Bench) -> str:
    """A run whose last step the deployed workflow had not, when it was tried."""
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
    new = Workflow(name="gated", steps=[scenes.step("build"), scenes.step("ship"), scenes.step("announce")])
    async with bench.worker(new):
        await cli.ok("confirm", run_id)
        await eventually("the step to be blocked", lambda: bench.runs.blocked(run_id))
    return run_id


async def test_a_step_that_was_mended_is_tried_at_once(cli: Cli, bench: Bench):
    run_id = await blocked_run(cli, bench)
    async with bench.worker(scenes.gated()):
        asked_at = time.monotonic()
        said = await cli.ok("unblock", run_id, "tell")
        run = await bench.ended(run_id)
        took = time.monotonic() - asked_at
    assert said.startswith("2#1 is tried again now; it was tried once: ")
    assert run.status == "COMPLETED"
    assert run.progress["2"].occurrence == 1
    assert took < 20


async def test_another_step_than_the_blocked_one_is_told_which_is(cli: Cli, bench: Bench):
    run_id = await blocked_run(cli, bench)
    assert "Blocked are 2#1: " in await cli.refused(2, "unblock", run_id, "build")
    await bench.runs.client.get_workflow_handle(run_id).terminate()


async def test_where_nothing_is_blocked_nothing_is_done(cli: Cli, bench: Bench):
    async with bench.worker(scenes.gated()):
        run_id = await bench.start(scenes.gated(), "v2")
        await bench.paused(run_id)
        assert "is blocked" in await cli.refused(4, "unblock", run_id)
    assert "There is no run 'nope'" in await cli.refused(4, "unblock", "nope")


async def test_a_terminated_run_has_ended_without_a_worker(cli: Cli, bench: Bench):
    run_id = await bench.start(scenes.gated(), "v2")
    assert await cli.ok("terminate", run_id, "--yes", "--reason", "wrong tenant") == f"Run {run_id} is terminated.\n"
    assert (await cli.json("show", run_id))["status"] == "ERROR"
    assert "had ended before" in await cli.refused(5, "terminate", run_id, "--yes")


async def test_where_nobody_can_be_asked_termination_needs_a_yes(cli: Cli, bench: Bench):
    run_id = await bench.start(scenes.gated(), "v2")
    assert "repeat it with --yes" in await cli.refused(2, "terminate", run_id)
    assert "There is no run 'nope'" in await cli.refused(4, "terminate", "nope", "--yes")

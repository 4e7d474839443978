"""Two versions of the code on one queue, without worker versioning: a rolling deploy, and how a paused run fares in it.

Temporal gives a step to whichever worker is free. One that does not have it runs nothing in its place, and the step
comes to another one in the end.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from agno.workflow import Step, Workflow
from temporalio.client import Client

from tests.running.executor_scenes import allowed
from tests.support import Bench, eventually
from tests.tool_script import caller, count, drop
from tests.upgrades.deploys import Deployed, Ran, Version, workflow

DROP = ("drop", {"table": "users"})


@pytest.mark.slow
async def test_side_by_side_only_the_version_that_has_the_step_runs_it(bench: Bench, server: str) -> None:
    """The one that has it not takes it first, and goes on polling beside the other."""
    ran: Ran = []
    old = workflow(Version(1, ran).gate(), Version(1, ran).step("publish"), Version(1, ran).step("tell"))
    new = workflow(Version(2, ran).gate(), Version(2, ran).step("ship"), Version(2, ran).step("tell"))
    run = Deployed(bench)
    await run.start(old)
    other = Bench(await Client.connect(server), bench.task_queue)
    async with other.worker(new):
        await run.decide()
        assert 'this worker\'s workflow has the step "ship"' in (await run.blocked()).reason
        async with bench.worker(old):
            await run.completed()
    assert [name for name, _ in ran] == ["gate", "publish", "tell"]
    assert ("publish", 1) in ran


async def test_a_step_that_its_stopped_worker_could_not_await_runs_at_the_next_one_and_is_not_blocked(
    bench: Bench,
) -> None:
    """It may run for hours there: nobody is to be called."""
    begun = list[str]()
    go_on = asyncio.Event()

    async def long(step_input: Any) -> str:
        begun.append("long")
        await go_on.wait()
        return "done"

    async def began(times: int) -> bool:
        return len(begun) == times

    audit = workflow(Step(name="audit", executor=long))
    async with bench.worker(audit, graceful_shutdown_timeout=timedelta(seconds=0.1)):
        run_id = await bench.start(audit)
        await eventually("the step to begin", lambda: began(1))
    async with bench.worker(audit):
        await eventually("the step to begin again", lambda: began(2))
        blocked = await bench.runs.blocked(run_id)
        go_on.set()
        assert (await bench.ended(run_id)).status == "COMPLETED"
    assert blocked == []


def on_call(*tools: Any) -> Workflow:
    return workflow(Step(name="ops", agent=caller([DROP], tools=tools), max_retries=0))


@pytest.mark.parametrize("left", [[count], []], ids=["another", "none"])
async def test_an_agent_that_has_lost_the_tool_which_it_asked_for_is_blocked_until_it_has_it_again(
    bench: Bench, left: list[Any]
) -> None:
    run = Deployed(bench)
    await run.start(on_call(drop, count))
    async with bench.worker(on_call(*left)):
        (asked,) = await bench.paused(run.run_id)
        await bench.runs.decide(run.run_id, allowed(asked))
        reason = (await run.blocked()).reason
    assert "step '0' (\"ops\"): the run waits to go on with the tool 'drop'" in reason
    async with bench.worker(on_call(drop, count)):
        await run.completed()
    assert (await bench.runs.run_output(run.run_id)).content == "got dropped users"

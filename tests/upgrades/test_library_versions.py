"""This library is upgraded under an open run, and taken back to a version that does not know what the run has used.

Older histories are the corpus (tests/replay). Here the newer version is this one with one thing changed, as a release
would change it: what a plan is compiled to, or one command more. A field on the wire that is unknown is ignored
(tests/plan).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from agno.workflow import Steps
from temporalio import workflow as workflows

from agno_temporal.agno_bridge import compile as compiling
from agno_temporal.follow.mending import WORKFLOW_TASK
from agno_temporal.hitl import Action, Decision
from agno_temporal.workflows import gate
from tests.support import Bench, eventually
from tests.upgrades.deploys import Deployed, Ran, Version, workflow


async def test_a_plan_that_a_newer_version_compiles_otherwise_is_compared_step_by_step(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: Ran = []
    v, run = Version(1, ran), Deployed(bench)
    release = workflow(Steps(name="box", steps=[v.gate(), v.step("a")]), v.step("last"))
    await run.start(release)
    digest = compiling.plan_digest
    monkeypatch.setattr(compiling, "plan_digest", lambda plan: f"x{digest(plan)[1:]}")
    async with bench.worker(release):
        await run.decide()
        await run.completed()
    assert [name for name, _ in ran] == ["gate", "a", "last"]


@pytest.mark.slow
async def test_a_run_that_used_what_an_older_version_does_not_know_is_stuck_there_and_goes_on_with_the_newer(
    bench: Bench,
) -> None:
    """The newer one leaves a marker where it asks, as a patch does. The older one has no such command."""
    ran: Ran = []
    v, run = Version(1, ran), Deployed(bench)
    release, run.run_id = workflow(v.gate(), v.step("last")), f"run-{uuid.uuid4()}"

    async def is_stuck() -> bool:
        return any(one.activity_id == WORKFLOW_TASK for one in await bench.runs.blocked(run.run_id))

    with newer():
        async with bench.worker(release):
            await bench.start_in_short_tasks(str(release.name), run.run_id, input="x")
            (asked,) = await bench.paused(run.run_id)
    async with bench.worker(release):
        await bench.runs.signal(run.run_id, Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana"))
        await eventually("the run to be stuck", is_stuck)
    assert ran == []
    with newer():
        async with bench.worker(release):
            await run.completed()
    assert [name for name, _ in ran] == ["gate", "last"]


@contextmanager
def newer() -> Iterator[None]:
    ask = gate.Gates.ask

    async def marked(self: Any, *arguments: Any) -> Any:
        workflows.patched("of-a-newer-version")
        return await ask(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate.Gates, "ask", marked)
        yield

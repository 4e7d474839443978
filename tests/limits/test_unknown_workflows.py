"""One definition takes any workflow type, so that a type that no worker has must wait in sight of everybody.

It may be a slip, or a deploy that is on its way. Neither is the run's end: it is blocked, says why, can be cancelled,
and goes on by itself once a worker has the workflow.
"""

from __future__ import annotations

import uuid

from agno.workflow import Step, Workflow

from agno_temporal.client import Blocked
from tests.support import Bench, eventually

KNOWN = Workflow(name="known", steps=[Step(name="a", executor=lambda _: "known")])
LATE = Workflow(name="late", steps=[Step(name="a", executor=lambda _: "late")])


async def start_late(bench: Bench) -> str:
    run_id = f"run-{uuid.uuid4()}"
    await bench.client.start_workflow("late", {"input": "x"}, id=run_id, task_queue=bench.task_queue)
    return run_id


async def blocked(bench: Bench, run_id: str) -> Blocked:
    return (await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id)))[0]


async def test_it_is_blocked_and_says_what_the_worker_has(bench: Bench) -> None:
    async with bench.worker(KNOWN):
        reason = (await blocked(bench, await start_late(bench))).reason
    assert (
        reason == "This worker has no workflow 'late'; it has 'known'. Start a worker that has it, or cancel the run."
    )


async def test_it_can_be_cancelled(bench: Bench) -> None:
    async with bench.worker(KNOWN):
        run_id = await start_late(bench)
        await blocked(bench, run_id)
        assert await bench.runs.cancel(run_id)
        assert (await bench.ended(run_id)).status == "CANCELLED"


async def test_it_goes_on_when_a_worker_has_the_workflow(bench: Bench) -> None:
    async with bench.worker(KNOWN):
        run_id = await start_late(bench)
        await blocked(bench, run_id)
    async with bench.worker(KNOWN, LATE):
        await bench.ended(run_id)
    assert (await bench.runs.run_output(run_id)).content == "late"


async def test_other_runs_of_the_worker_are_not_held_up(bench: Bench) -> None:
    async with bench.worker(KNOWN):
        await blocked(bench, await start_late(bench))
        assert (await bench.durable(KNOWN).arun("x")).content == "known"

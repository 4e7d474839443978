"""Runs that no single history could hold: every history stays far below Temporal's limits."""

from __future__ import annotations

import asyncio

import pytest
from agno.workflow import HumanReview, Loop, Step, Workflow

from agno_temporal import DecisionRefused
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision
from tests.chapters.scenes import longest, numbers, temporal_runs
from tests.support import Bench, eventually

pytestmark = [pytest.mark.sweep, pytest.mark.timeout(1800)]

LONG = 1500.0


async def test_a_loop_of_two_thousand_iterations(bench: Bench) -> None:
    workflow = numbers(2000)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        await asyncio.wait_for(bench.client.get_workflow_handle(run_id).result(), LONG)
        told = await bench.runs.told(run_id)
        manifest = await bench.runs.manifest(run_id)
        run = await bench.runs.run_output(run_id)
    assert (manifest.status, manifest.session_state) == ("COMPLETED", {"n": 2000})
    assert [one.content for one in run.step_results[0].steps] == [f"number {n}" for n in range(1, 2001)]
    assert [number for number, _ in told] == list(range(len(told)))
    assert [event.event for _, event in told].count("LoopIterationCompleted") == 2000
    events, size = await longest(bench.client, run_id)
    print(f"{len(await temporal_runs(bench.client, run_id))} Temporal runs; at most {events} events, {size} bytes")
    assert events < 2_500
    assert size < 8_000_000


async def test_a_run_with_a_thousand_pauses(bench: Bench) -> None:
    """Each second one is rejected, and asked again; between them come decisions that are refused, and repeated ones."""
    review = HumanReview(requires_confirmation=True, on_reject="retry", max_retries=0)
    work = Step(name="work", executor=lambda _: "worked", human_review=review)
    workflow = Workflow(name="asking", steps=[Loop(name="loop", steps=[work], max_iterations=500)])
    refused = 0
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        last = ""
        for number in range(1000):

            async def asked(last: str = last) -> Asked | None:
                waiting = await bench.runs.requirements(run_id)
                return waiting[0] if waiting and waiting[0].requirement.id != last else None

            requirement = (await eventually(f"question {number}", asked)).requirement
            action = Action.CONFIRM if number % 2 else Action.REJECT
            decision = Decision(requirement.id, action, decided_by="ana", decision_id=str(number))
            if number % 10 == 0:
                with pytest.raises(DecisionRefused):
                    await bench.runs.decide(run_id, Decision(last or requirement.id, Action.INPUT, decided_by="bob"))
                refused += 1
            resolution = await bench.runs.decide(run_id, decision)
            if number % 10 == 1:
                assert await bench.runs.decide(run_id, decision) == resolution
            last = requirement.id
        manifest = await bench.ended(run_id)
    assert manifest.status == "COMPLETED"
    assert [one.resolution.decision.decided_by for one in manifest.asked if one.resolution] == ["ana"] * 1000
    events, size = await longest(bench.client, run_id)
    print(f"{len(await temporal_runs(bench.client, run_id))} Temporal runs; at most {events} events, {size} bytes")
    assert refused == 100
    assert events < 2_500

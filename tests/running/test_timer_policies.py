"""What a deadline does to an unanswered pause: every policy, on every kind of pause, in every place.

agno has no timer: its deadline is looked at when somebody continues the run, so an unanswered gate waits for ever, and
one inside a container is not even asked (agno-semantics 4.5, 5.1). Here nobody does anything after the pause, and the
run ends by itself.
"""

from __future__ import annotations

import pytest

from tests.running.scenes import GATES, Scene, everywhere, scene
from tests.running.tools import HOURS_72, Clock, deciders, replays
from tests.support import Bench

RUNS_ON = {"on_timeout": "approve"}
LEFT_OUT = [{"on_timeout": "skip"}, {"on_timeout": "reject", "on_reject": "skip"}]
CANCELLED = [{"on_timeout": "cancel"}, {"on_timeout": "reject", "on_reject": "cancel"}]

each_gate = pytest.mark.parametrize("gate", GATES)


async def after_the_deadline(bench: Bench, clock: Clock, at: Scene):
    """The run, 72 hours after it paused and nobody came."""
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow, "x")
        await bench.paused(run_id)
        await clock.forward(run_id, HOURS_72 + 1)
        run = await bench.ended(run_id)
        await replays(bench.client, run_id)
        return run, await bench.runs.run_output(run_id)


@everywhere
@each_gate
async def test_approve_lets_the_step_run_or_its_output_stand(bench: Bench, clock: Clock, place: str, gate: str) -> None:
    at = scene(place, timeout=HOURS_72, **RUNS_ON, **GATES[gate])
    run, output = await after_the_deadline(bench, clock, at)

    assert (run.status, at.ran) == ("COMPLETED", ["before", "gate", "after"])
    assert "gate ran 1" in output.content
    assert at.filled_in == [{"region": "eu"} if "input" in gate else None]
    assert deciders(run) == ["system:timer"]


@everywhere
@each_gate
@pytest.mark.parametrize("policy", LEFT_OUT, ids=["skip", "reject that skips"])
async def test_skip_leaves_the_step_out(
    bench: Bench, clock: Clock, place: str, gate: str, policy: dict[str, str]
) -> None:
    at = scene(place, timeout=HOURS_72, **policy, **GATES[gate])
    run, output = await after_the_deadline(bench, clock, at)

    reviewed = ["gate"] if gate == "review" else []
    assert (run.status, at.ran) == ("COMPLETED", ["before", *reviewed, "after"])
    assert "gate ran" not in output.content
    assert deciders(run) == ["system:timer"]


@everywhere
@each_gate
@pytest.mark.parametrize("policy", CANCELLED, ids=["cancel", "reject that cancels"])
async def test_cancel_ends_the_run(bench: Bench, clock: Clock, place: str, gate: str, policy: dict[str, str]) -> None:
    at = scene(place, timeout=HOURS_72, **policy, **GATES[gate])
    run, output = await after_the_deadline(bench, clock, at)

    assert run.status == "CANCELLED"
    assert "after" not in at.ran
    assert output.content == "Workflow cancelled: Step 'gate' was rejected"
    assert deciders(run) == ["system:timer"]


@everywhere
@each_gate
async def test_reject_that_retries_asks_again_until_the_rounds_are_over(
    bench: Bench, clock: Clock, place: str, gate: str
) -> None:
    policy = {"on_timeout": "reject", "on_reject": "retry", "max_retries": 1}
    at = scene(place, timeout=HOURS_72 / 2, **policy, **GATES[gate])
    run, output = await after_the_deadline(bench, clock, at)

    assert deciders(run) == ["system:timer", "system:timer"]
    assert at.ran == ["before", *(["gate", "gate"] if gate == "review" else [])]
    assert (run.status, output.content) == ("CANCELLED", "Max retries (1) reached for step 'gate'")

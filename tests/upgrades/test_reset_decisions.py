"""Deadlines and decisions over `temporal workflow reset`: a deadline is a moment, and nothing moves it."""

from __future__ import annotations

import asyncio

import pytest

from agno_temporal.hitl import Action, Decision
from tests.support import Bench
from tests.upgrades.resets import Scene

SOON = 1.5
"""Seconds until a gate's deadline."""


async def opened(scene: Scene) -> int:
    """Run it to its first gate. Returns the task that opened it."""
    await scene.start()
    await scene.bench.paused(scene.run_id)
    return (await scene.tasks())[-1]


async def over(scene: Scene) -> None:
    """Wait until the deadline of the first gate has passed."""
    (first, *_) = (await scene.bench.runs.manifest(scene.run_id)).asked
    deadline = first.requirement.deadline
    assert deadline is not None
    await asyncio.sleep(max(0.0, deadline - first.requirement.opened_at + 0.3))


@pytest.mark.parametrize("sent", ["update", "signal", "excluded"])
async def test_put_back_to_a_gate_whose_deadline_has_passed_the_timer_decides(bench: Bench, sent: str) -> None:
    """A decision that was made in time is sent to the run again, at the time of the reset: it is late now."""
    scene = Scene(bench, timeout=SOON, on_timeout="skip")
    async with bench.worker(scene.workflow):
        task = await opened(scene)
        await scene.decide("signal" if sent == "signal" else "update")
        await over(scene)
        await bench.ended(scene.run_id)
        await scene.reset(task, *(("update", "signal") if sent == "excluded" else ()))
        ended = await bench.ended(scene.run_id)
    by = [one.resolution and one.resolution.decision.decided_by for one in ended.asked]
    assert by == ["system:timer", "system:timer"]
    assert scene.ran == ["b", "c"]
    assert ["in time" in text or "deadline" in text for text in ended.refused] == ([True] if sent == "signal" else [])


async def test_put_back_to_an_open_gate_its_deadline_is_the_old_one_and_a_decision_before_it_is_taken(
    bench: Bench,
) -> None:
    scene = Scene(bench, timeout=3600, on_timeout="skip")
    async with bench.worker(scene.workflow):
        task = await opened(scene)
        (before,) = await bench.paused(scene.run_id)
        await scene.decide("update")
        await bench.paused(scene.run_id)
        await scene.reset(task)
        again, waits = (await bench.runs.wait(scene.run_id)).asked
    assert again.requirement.deadline == before.requirement.deadline
    assert again.resolution is not None
    assert again.resolution.decision.decided_by == "ana"
    assert waits.resolution is None


@pytest.mark.parametrize(
    ("by", "excluded", "asks"),
    [
        ("update", "update", "g"),
        ("update", "signal", "h"),
        ("signal", "signal", "g"),
        ("signal", "update", "h"),
    ],
)
async def test_of_what_is_excluded_nothing_is_sent_again_and_the_gate_asks(
    bench: Bench, by: str, excluded: str, asks: str
) -> None:
    """`--reapply-exclude Update`, `Signal`; `All` is both."""
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        task = await opened(scene)
        (gate,) = await bench.paused(scene.run_id)
        await scene.decide(by)
        await bench.paused(scene.run_id)
        await scene.reset(task, excluded)
        assert (await scene.waits_at())[0] == asks
        if asks == "g":
            decision = Decision(gate.requirement.id, Action.CONFIRM, decided_by="bob", decision_id="anew")
            assert (await bench.runs.decide(scene.run_id, decision)).decision.decided_by == "bob"
        await scene.decide("update")
        assert (await bench.ended(scene.run_id)).status == "COMPLETED"

"""Deadlines and decisions over `temporal workflow reset`: a deadline is a moment, and nothing moves it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agno_temporal.hitl import Action, Decision
from tests.support import Bench, eventually
from tests.upgrades.resets import Scene

SOON = 1.5
"""Seconds until a gate's deadline."""


async def decided(scene: Scene, by: str = "update") -> tuple[int, int]:
    """Decide its first gate. Returns the task that opened it, and the one that took the decision: put back to that one,
    the gate is open, and a signal, which stands before it, is there."""
    await scene.start()
    await scene.bench.paused(scene.run_id)
    opened = (await scene.tasks())[-1]
    await scene.decide(by)
    return opened, next(task for task in await scene.tasks() if task > opened)


@pytest.mark.parametrize(
    ("by", "excluded", "wins"),
    [
        ("update", (), "system:timer"),
        ("update", ("update", "signal"), "system:timer"),
        ("signal", (), "ana"),
    ],
)
async def test_put_back_to_a_gate_whose_deadline_has_passed_what_was_written_before_it_decides(
    bench: Bench, by: str, excluded: tuple[str, ...], wins: str
) -> None:
    """An update is sent to the run again, and late now. A signal that stands before that place keeps its time."""
    scene = Scene(bench, timeout=SOON, on_timeout="skip")
    async with bench.worker(scene.workflow):
        _, took = await decided(scene, by)
        await asyncio.sleep(SOON)
        await scene.reset(took, *excluded)

        async def first_gate() -> Any:
            return (await bench.runs.manifest(scene.run_id)).asked[0].resolution

        resolution = await eventually("the gate to be decided again", first_gate)
    assert resolution.decision.decided_by == wins


async def test_put_back_to_an_open_gate_its_deadline_is_the_old_one_and_a_decision_before_it_is_taken(
    bench: Bench,
) -> None:
    scene = Scene(bench, timeout=3600, on_timeout="skip")
    async with bench.worker(scene.workflow):
        _, took = await decided(scene)
        before, _ = (await bench.runs.wait(scene.run_id)).asked
        await scene.reset(took)
        again, waits = (await bench.runs.wait(scene.run_id)).asked
    assert again.requirement.deadline == before.requirement.deadline
    assert again.resolution is not None
    assert again.resolution.decision.decided_by == "ana"
    assert waits.resolution is None


@pytest.mark.parametrize(
    ("by", "excluded", "asks", "refused"),
    [
        ("update", "update", "g", 0),
        ("update", "signal", "h", 0),
        ("signal", "signal", "g", 0),
        ("signal", "update", "g", 1),
    ],
)
async def test_of_what_is_excluded_nothing_is_sent_again_and_the_gate_asks(
    bench: Bench, by: str, excluded: str, asks: str, refused: int
) -> None:
    """`--reapply-exclude Update`, `Signal`; `All` is both. Before the gate opens, a signal is refused."""
    scene = Scene(bench)
    async with bench.worker(scene.workflow):
        opened, took = await decided(scene, by)
        gate, _ = (await bench.runs.wait(scene.run_id)).asked
        await scene.reset(took if by == "update" else opened, excluded)
        assert (await scene.waits_at())[0] == asks
        assert len((await bench.runs.manifest(scene.run_id)).refused) == refused
        if asks == "g":
            decision = Decision(gate.requirement.id, Action.CONFIRM, decided_by="bob", decision_id="anew")
            assert (await bench.runs.decide(scene.run_id, decision)).decision.decided_by == "bob"
        await scene.decide("update")
        assert (await bench.ended(scene.run_id)).status == "COMPLETED"

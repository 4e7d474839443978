"""A late decision never wins, even if no worker was up when the deadline passed.

After an outage Temporal delivers the timer and every signal that was sent since in one activation, and an ordinary
`wait_condition(..., timeout=...)` then takes the decision, however late it was made. Nor is there any time in a
decision that a caller could forge: the server's clock alone says what was first.
"""

from __future__ import annotations

import asyncio

import pytest
from temporalio.client import WorkflowUpdateFailedError

from agno_temporal import DecisionRefused, client
from agno_temporal.contract import names
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import RefusalCode
from tests.running.outage import outage
from tests.running.scenes import scene
from tests.running.tools import HOUR, Clock, confirm, deciders
from tests.support import Bench

GATE = {"requires_confirmation": True, "timeout": HOUR, "on_timeout": "skip"}


async def test_a_signal_sent_after_the_deadline_loses_though_no_worker_was_up(bench: Bench, clock: Clock) -> None:
    at = scene(**GATE)

    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    run = await outage(bench, clock, at, late=late)
    assert deciders(run) == ["system:timer"]
    assert at.ran == ["before", "after"]


async def test_a_late_signal_is_shown_as_refused(bench: Bench, clock: Clock) -> None:
    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    run = await outage(bench, clock, scene(**GATE), late=late)
    assert len(run.refused) == 1
    assert "deadline" in run.refused[0]


@pytest.mark.parametrize("claim", ["at", "decided_at", "timestamp", "deadline"])
async def test_a_late_signal_does_not_win_by_claiming_a_time(bench: Bench, clock: Clock, claim: str) -> None:
    async def late(run_id: str, asked: Asked) -> None:
        forged = {"requirement_id": asked.requirement.id, claim: asked.requirement.opened_at}
        await bench.client.get_workflow_handle(run_id).signal("confirm", forged)

    run = await outage(bench, clock, scene(**GATE), late=late)
    assert deciders(run) == ["system:timer"]
    assert claim in run.refused[0]


async def test_many_late_signals_lose_together(bench: Bench, clock: Clock) -> None:
    async def late(run_id: str, asked: Asked) -> None:
        for name in ("ana", "ben", "cleo"):
            await bench.runs.signal(run_id, confirm(asked, by=name))

    run = await outage(bench, clock, scene(**GATE), late=late)
    assert deciders(run) == ["system:timer"]
    assert len(run.refused) == 3


async def test_a_late_signal_does_not_borrow_the_time_of_an_earlier_one(bench: Bench, clock: Clock) -> None:
    """The event that carried a decision is found by counting signals, so that nothing may be left out of the count."""

    async def in_time(run_id: str, asked: Asked) -> None:
        handle = bench.client.get_workflow_handle(run_id)
        await handle.signal("no-such-signal", 1)
        await handle.signal("confirm")
        await handle.signal("confirm", args=[1, 2, 3])

    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    run = await outage(bench, clock, scene(**GATE), in_time, late)
    assert deciders(run) == ["system:timer"]


async def test_an_update_sent_after_the_deadline_is_refused_as_expired(bench: Bench, clock: Clock) -> None:
    """It arrives with the timer, before the run has taken notice of it, and so is not yet told "decided before"."""
    at = scene(**GATE)
    refusals: list[DecisionRefused] = []

    async def late(run_id: str, asked: Asked) -> None:
        sent.append(asyncio.ensure_future(bench.runs.decide(run_id, confirm(asked, by="ana"))))
        await asyncio.sleep(0)

    sent: list[asyncio.Future[object]] = []
    run = await outage(bench, clock, at, late=late)
    with pytest.raises(DecisionRefused) as refused:
        await sent[0]
    refusals.append(refused.value)

    assert refusals[0].code in (RefusalCode.EXPIRED, RefusalCode.ALREADY_DECIDED)
    assert deciders(run) == ["system:timer"]
    assert at.ran == ["before", "after"]


async def test_a_late_update_says_that_the_deadline_is_over(bench: Bench, clock: Clock) -> None:
    """The timer's skip has closed the gate; the next one keeps the run open."""
    at = scene(**GATE)
    gate = at.workflow.steps[1]
    at.workflow.steps.append(gate)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await clock.forward(run_id, HOUR + 1)
        await bench.paused(run_id)
        with pytest.raises(DecisionRefused, match="system:timer") as refused:
            await bench.runs.decide(run_id, confirm(asked, by="ana"))

    assert refused.value.code is RefusalCode.ALREADY_DECIDED
    assert refused.value.refusal.winner.decision.decided_by == "system:timer"

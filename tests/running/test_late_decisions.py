"""A late decision never wins, even if no worker was up when the deadline passed.

After an outage Temporal delivers the timer and every signal that was sent since in one activation, and an ordinary
`wait_condition(..., timeout=...)` then takes the decision, however late it was made. Nor is there any time in a
decision that a caller could forge: the server's clock alone says what was first.
"""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Step
from agno.workflow.types import HumanReview

from agno_temporal import DecisionRefused
from agno_temporal.activities import event_time
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import RefusalCode
from tests.running.outage import outage
from tests.running.scenes import scene
from tests.running.tools import HOUR, Clock, confirm, deadline_passes, deciders, send_update
from tests.support import Bench, eventually

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
        await handle.signal("__temporal_reserved")

    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    run = await outage(bench, clock, scene(**GATE), in_time, late)
    assert deciders(run) == ["system:timer"]


async def test_a_decision_on_one_round_does_not_count_in_the_next(bench: Bench, clock: Clock) -> None:
    """The outage is longer than all rounds together. Each is asked all the same, and waits its whole time."""
    at = scene(requires_confirmation=True, timeout=HOUR, on_timeout="reject", on_reject="retry")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [first] = await bench.paused(run_id)
    await clock.forward(run_id, HOUR - 0.1)
    await deadline_passes(bench.client, run_id)
    await bench.runs.signal(run_id, confirm(first, by="ana"))
    async with bench.worker(at.workflow):
        [second] = await eventually("the second round", lambda: second_round(bench, run_id))

    assert second.requirement.opened_at >= first.requirement.deadline
    assert second.requirement.deadline == pytest.approx(second.requirement.opened_at + HOUR)
    assert at.ran == ["before"]


async def second_round(bench: Bench, run_id: str) -> list[Asked]:
    return [asked for asked in await bench.runs.requirements(run_id) if asked.requirement.occurrence == 2]


async def test_an_update_sent_after_the_deadline_is_refused_as_expired(bench: Bench, clock: Clock) -> None:
    """It reaches the run together with the timer, and before the run has heeded that."""
    at = scene(**GATE)
    answers = []

    async def late(run_id: str, asked: Asked) -> None:
        answers.append(await send_update(bench.runs, run_id, confirm(asked, by="ana", key="click")))

    run = await outage(bench, clock, at, late=late)
    with pytest.raises(DecisionRefused, match="on_timeout='skip' applies") as refused:
        await answers[0]

    assert refused.value.code is RefusalCode.EXPIRED
    assert deciders(run) == ["system:timer"]
    assert at.ran == ["before", "after"]


async def test_an_update_that_no_worker_took_before_the_deadline_is_late(bench: Bench, clock: Clock) -> None:
    """The server keeps such an update in memory only: nothing in the history says when it came. Signals are kept."""
    answers = []

    async def in_time(run_id: str, asked: Asked) -> None:
        answers.append(await send_update(bench.runs, run_id, confirm(asked, by="ana", key="click")))

    run = await outage(bench, clock, scene(**GATE), in_time)
    with pytest.raises(DecisionRefused) as refused:
        await answers[0]

    assert refused.value.code is RefusalCode.EXPIRED
    assert deciders(run) == ["system:timer"]


async def test_what_comes_after_the_timer_is_told_that_the_timer_decided(bench: Bench, clock: Clock) -> None:
    at = scene(**GATE)
    at.workflow.steps.append(Step(name="last", executor=lambda _: "", human_review=HumanReview(**GATE)))
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await clock.forward(run_id, HOUR + 1)
        await bench.paused(run_id)
        with pytest.raises(DecisionRefused, match="skip by system:timer") as refused:
            await bench.runs.decide(run_id, confirm(asked, by="ana"))

    assert refused.value.code is RefusalCode.ALREADY_DECIDED
    assert refused.value.refusal.winner.decision.decided_by == "system:timer"


async def test_one_that_comes_while_the_time_of_another_is_looked_up_loses_like_it(
    bench: Bench, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Asked]] = []
    looked_up = event_time.signal_times

    async def late(run_id: str, asked: Asked) -> None:
        sent.append((run_id, asked))
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    async def looks_up(*arguments: Any) -> Any:
        if len(sent) == 1:
            await late(*sent[0])
            await bench.runs.manifest(sent[0][0])  # By then the run has heard of it.
        return await looked_up(*arguments)

    monkeypatch.setattr(event_time, "signal_times", looks_up)
    run = await outage(bench, clock, scene(**GATE), late=late)
    assert deciders(run) == ["system:timer"]
    assert len(run.refused) == 2

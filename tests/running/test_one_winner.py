"""Many people click at once, and exactly one of them decides.

In agno each click runs the gated step (agno-semantics D29: three continues ran it three times). Here one wins, and the
others hear who; some of them meet a run that has ended meanwhile, which Temporal answers with "already completed", and
they too must hear who decided and not that something is broken.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest

from agno_temporal import DecisionRefused
from agno_temporal.client import OutcomeUnknown
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision, RefusalCode, Resolution
from tests.running.scenes import scene
from tests.running.tools import HOUR, Clock, confirm, deciders, event_counts, reject, replays
from tests.support import Bench

ACTORS = [f"person-{number}@example.org" for number in range(8)]


async def race(bench: Bench, run_id: str, asked: Asked) -> tuple[list[Resolution], list[DecisionRefused]]:
    """All actors decide at the same time, half of them against it."""
    ways = [confirm, reject]
    answers = await asyncio.gather(
        *(until_answered(bench, run_id, ways[index % 2](asked, by=actor)) for index, actor in enumerate(ACTORS)),
        return_exceptions=True,
    )
    won = [answer for answer in answers if isinstance(answer, Resolution)]
    lost = [answer for answer in answers if isinstance(answer, DecisionRefused)]
    assert len(won) + len(lost) == len(ACTORS), answers
    return won, lost


async def raced(bench: Bench, run_id: str) -> Action:
    [asked] = await bench.paused(run_id)
    [winner], lost = await race(bench, run_id, asked)
    run = await bench.ended(run_id)

    assert deciders(run) == [winner.decision.decided_by]
    assert {refused.code for refused in lost} == {RefusalCode.ALREADY_DECIDED}
    assert {refused.refusal.winner for refused in lost} == {winner}
    assert all(winner.decision.decided_by in str(refused) for refused in lost)
    await replays(bench.client, run_id)
    return winner.decision.action


@pytest.mark.slow
async def test_of_eight_who_decide_at_once_one_wins_fifty_times(bench: Bench) -> None:
    at = scene(requires_confirmation=True, timeout=HOUR)
    async with bench.worker(at.workflow):
        run_ids = [await bench.start(at.workflow) for _ in range(50)]
        answers = await asyncio.gather(*(raced(bench, run_id) for run_id in run_ids))

    assert at.ran.count("gate") == answers.count(Action.CONFIRM)


async def test_the_gated_step_runs_once_however_many_confirm_it(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await asyncio.gather(
            *(bench.runs.decide(run_id, confirm(asked, by=actor)) for actor in ACTORS), return_exceptions=True
        )
        await bench.ended(run_id)

    assert at.ran == ["before", "gate", "after"]


async def test_more_may_decide_at_once_than_temporal_takes_at_a_time(bench: Bench) -> None:
    """Temporal takes ten updates in flight; the others are sent again until they are answered."""
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        answers = await asyncio.gather(
            *(until_answered(bench, run_id, confirm(asked, by=f"person-{number}")) for number in range(30)),
            return_exceptions=True,
        )

    assert Counter(map(type, answers)) == {Resolution: 1, DecisionRefused: 29}


async def until_answered(bench: Bench, run_id: str, decision: Decision) -> Resolution:
    """On a busy machine a client may give up sending before its turn; then it is told to send it again."""
    decision = replace(decision, decision_id=decision.decided_by)
    for _ in range(10):
        with suppress(OutcomeUnknown):
            return await bench.runs.decide(run_id, decision)
    raise AssertionError("never answered")


async def test_the_losers_leave_nothing_in_the_history(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await race(bench, run_id, asked)
        await bench.ended(run_id)

    assert (await event_counts(bench.client, run_id))["WORKFLOW_EXECUTION_UPDATE_ACCEPTED"] == 1


async def test_who_decides_after_the_run_has_ended_is_told_who_won(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        winner = await bench.runs.decide(run_id, confirm(asked, by="ana"))
        await bench.ended(run_id)
        with pytest.raises(DecisionRefused, match="confirm by ana") as refused:
            await bench.runs.decide(run_id, reject(asked, by="ben"))

    assert refused.value.code is RefusalCode.ALREADY_DECIDED
    assert refused.value.refusal.winner == winner


async def test_a_signal_to_a_run_that_has_ended_is_told_who_won(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(asked, by="ana"))
        await bench.ended(run_id)
    with pytest.raises(DecisionRefused, match="confirm by ana"):
        await bench.runs.signal(run_id, confirm(asked, by="ben"))


async def test_a_person_and_the_timer_race_and_one_of_them_wins(bench: Bench, clock: Clock) -> None:
    """The person's decision and the last second of the deadline arrive together."""
    at = scene(requires_confirmation=True, timeout=HOUR, on_timeout="skip")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        answer, _ = await asyncio.gather(
            bench.runs.decide(run_id, confirm(asked, by="ana")), clock.forward(run_id, HOUR), return_exceptions=True
        )
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)

    person_won = isinstance(answer, Resolution)
    assert deciders(run) == ["ana" if person_won else "system:timer"]
    assert at.ran == (["before", "gate", "after"] if person_won else ["before", "after"])

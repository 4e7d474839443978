"""A decision that the server recorded before the deadline is never lost, however long no worker was up.

The signal waits in the history, and so does the timer, when the workers come back. Taking the timer because "the
deadline is over now" would throw away what was sent in time; so the run looks up when each signal was written.
"""

from __future__ import annotations

import asyncio
import time

import pytest
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision
from tests.running.outage import MARGIN, outage
from tests.running.scenes import FORM, scene
from tests.running.tools import (
    HOUR,
    Clock,
    confirm,
    deadline_passes,
    deciders,
    event_counts,
    fill_in,
    reject,
    replays,
    send_update,
)
from tests.support import Bench

GATE = {"requires_confirmation": True, "timeout": HOUR, "on_timeout": "cancel"}
FORM_GATE = {"requires_user_input": True, "user_input_schema": FORM, "timeout": HOUR, "on_timeout": "cancel"}


async def test_a_signal_sent_in_time_wins_though_the_worker_comes_back_late(bench: Bench, clock: Clock) -> None:
    at = scene(**GATE)

    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    run = await outage(bench, clock, at, in_time)
    assert deciders(run) == ["ana"]
    assert (run.status, at.ran) == ("COMPLETED", ["before", "gate", "after"])


async def test_it_is_recorded_with_the_time_at_which_the_server_got_it(bench: Bench, clock: Clock) -> None:
    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    [asked] = (await outage(bench, clock, scene(**GATE), in_time)).asked
    assert asked.requirement.deadline - 60 < asked.resolution.at < asked.requirement.deadline


async def test_of_several_sent_in_time_the_first_wins_and_the_others_are_told(bench: Bench, clock: Clock) -> None:
    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, reject(asked, by="ana"))
        await bench.runs.signal(run_id, confirm(asked, by="ben"))
        await bench.runs.signal(run_id, confirm(asked, by="cleo"))

    run = await outage(bench, clock, scene(**GATE, on_reject="skip"), in_time)
    assert deciders(run) == ["ana"]
    assert [note.endswith("reject by ana. This decision changes nothing.") for note in run.refused] == [True, True]


async def test_one_sent_in_time_wins_over_all_that_came_late(bench: Bench, clock: Clock) -> None:
    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, reject(asked, by="ben"))

    run = await outage(bench, clock, scene(**GATE), in_time, late)
    assert deciders(run) == ["ana"]
    assert len(run.refused) == 1


async def test_an_invalid_first_one_does_not_block_a_valid_second(bench: Bench, clock: Clock) -> None:
    at = scene(**FORM_GATE)

    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, fill_in(asked, by="ana", region=7))
        await bench.runs.signal(run_id, fill_in(asked, by="ben", region="us"))

    run = await outage(bench, clock, at, in_time)
    assert deciders(run) == ["ben"]
    assert at.filled_in == [{"region": "us"}]
    assert [("expected str, got int" in note) for note in run.refused] == [True]


async def test_an_invalid_one_in_time_and_a_valid_one_too_late_leave_the_timer(bench: Bench, clock: Clock) -> None:
    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, fill_in(asked, by="ana", region=7))

    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, fill_in(asked, by="ben", region="us"))

    run = await outage(bench, clock, scene(**FORM_GATE), in_time, late)
    assert deciders(run) == ["system:timer"]
    assert len(run.refused) == 2


@pytest.mark.parametrize("place", ["Parallel", "Loop in nested workflow"])
async def test_it_is_so_inside_of_containers(bench: Bench, clock: Clock, place: str) -> None:
    async def in_time(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, confirm(asked, by="ana"))

    async def late(run_id: str, asked: Asked) -> None:
        await bench.runs.signal(run_id, reject(asked, by="ben"))

    at = scene(place, **GATE)
    run = await outage(bench, clock, at, in_time, late)
    assert deciders(run) == ["ana"]
    assert at.ran == ["before", "gate", "after"]


async def test_two_gates_across_one_outage_are_told_apart(bench: Bench, clock: Clock) -> None:
    """Each signal's time is found by its place among all signals of the run, whatever gate it is for."""
    review = HumanReview(requires_confirmation=True, timeout=HOUR, on_timeout="skip")
    gates = [Step(name=name, executor=lambda _: "", human_review=review) for name in ("left", "right")]
    workflow = Workflow(name="two", steps=[Parallel(*gates, name="both")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        left, right = await bench.paused(run_id)
    await clock.forward(run_id, HOUR - MARGIN)
    await bench.runs.signal(run_id, confirm(right, by="ana"))
    await deadline_passes(bench.client, run_id)
    await bench.runs.signal(run_id, confirm(left, by="ben"))
    async with bench.worker(workflow):
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)

    assert deciders(run) == ["system:timer", "ana"]


async def test_a_signal_that_a_worker_took_in_time_costs_no_look_at_the_history(bench: Bench) -> None:
    at = scene(**GATE)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.signal(run_id, confirm(asked, by="ana"))
        run = await bench.ended(run_id)

    assert deciders(run) == ["ana"]
    assert (await event_counts(bench.client, run_id))["ACTIVITY_TASK_SCHEDULED"] == 3


async def test_an_update_answered_in_time_stands_though_the_workers_die_at_once(bench: Bench) -> None:
    at = scene(requires_confirmation=True, timeout=4.0, on_timeout="cancel")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(asked, by="ana"))
    await asyncio.sleep(asked.requirement.deadline - time.time() + 0.1)
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)

    assert deciders(run) == ["ana"]
    assert run.status == "COMPLETED"


async def test_an_update_that_waits_for_a_worker_is_taken_before_the_deadline(bench: Bench) -> None:
    at = scene(**GATE)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    answer = await send_update(bench.runs, run_id, confirm(asked, by="ana", key="click"))
    async with bench.worker(at.workflow):
        resolution = await answer
        run = await bench.ended(run_id)

    assert resolution.decision == Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana", decision_id="click")
    assert deciders(run) == ["ana"]

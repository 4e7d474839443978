"""How long timers run, and that they come to an end.

With ``on_timeout="reject"`` and ``on_reject="retry"`` nobody may ever answer, and a step that asks again without limit
would do so for ever; with an output review it would run again each time, model calls included. So a timer has three
rounds where the author has set no limit, and a person as many as the author allows.
"""

from __future__ import annotations

import time

import pytest
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview

from tests.running.scenes import scene
from tests.running.tools import DAY, HOUR, HOURS_72, Clock, confirm, deciders, reject
from tests.support import Bench

ASKS_AGAIN = {"timeout": HOUR, "on_timeout": "reject", "on_reject": "retry"}


@pytest.mark.parametrize("no_limit", [0, None])
async def test_a_timer_that_asks_again_without_limit_stops_after_three_rounds(
    bench: Bench, clock: Clock, no_limit: int | None
) -> None:
    at = scene(requires_confirmation=True, max_retries=no_limit, **ASKS_AGAIN)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await clock.forward(run_id, DAY)
        run = await bench.ended(run_id)

    assert [asked.requirement.retry_count for asked in run.asked] == [0, 1, 2, 3]
    assert (run.status, run.content) == ("CANCELLED", "Max retries (3) reached for step 'gate'")
    assert at.ran == ["before"]


async def test_a_reviewed_step_runs_again_in_each_round_of_its_timer(bench: Bench, clock: Clock) -> None:
    at = scene(requires_output_review=True, max_retries=2, **ASKS_AGAIN)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await clock.forward(run_id, DAY)
        run = await bench.ended(run_id)

    assert at.ran == ["before", "gate", "gate", "gate"]
    assert run.status == "CANCELLED"


async def test_each_round_has_the_whole_timeout(bench: Bench, clock: Clock) -> None:
    at = scene(requires_confirmation=True, **ASKS_AGAIN)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [first] = await bench.paused(run_id)
        await clock.forward(run_id, 1.5 * HOUR)
        [second] = await bench.paused(run_id)

    assert first.requirement.deadline == pytest.approx(first.requirement.opened_at + HOUR)
    assert second.requirement.opened_at == pytest.approx(first.requirement.deadline, abs=5)
    assert second.requirement.deadline == pytest.approx(second.requirement.opened_at + HOUR)


async def test_a_person_can_answer_a_later_round(bench: Bench, clock: Clock) -> None:
    at = scene(requires_confirmation=True, **ASKS_AGAIN)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await clock.forward(run_id, 1.5 * HOUR)
        [second] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(second, by="ana"))
        run = await bench.ended(run_id)

    assert deciders(run) == ["system:timer", "ana"]
    assert (run.status, at.ran) == ("COMPLETED", ["before", "gate", "after"])


async def test_a_person_may_reject_more_often_than_a_timer(bench: Bench) -> None:
    at = scene(requires_confirmation=True, max_retries=None, **ASKS_AGAIN)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        for _ in range(5):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, reject(asked, by="ana", feedback="not yet"))
        [sixth] = await bench.paused(run_id)

    assert (sixth.requirement.retry_count, sixth.requirement.feedback) == (5, "not yet")


@pytest.mark.parametrize("days", [3, 90, 99 * 365])
async def test_a_gate_waits_its_whole_time_and_not_a_minute_more(bench: Bench, clock: Clock, days: int) -> None:
    at = scene(requires_confirmation=True, timeout=days * DAY, on_timeout="approve")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await clock.forward(run_id, days * DAY - 60)
        assert await bench.paused(run_id)
        await clock.forward(run_id, 120)
        run = await bench.ended(run_id)

    [asked] = run.asked
    assert asked.resolution.at == pytest.approx(asked.requirement.opened_at + days * DAY, abs=5)


async def test_72_hours_pass_in_less_than_a_second(bench: Bench, clock: Clock) -> None:
    at = scene(requires_confirmation=True, timeout=HOURS_72, on_timeout="approve")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        began = time.monotonic()
        await clock.forward(run_id, HOURS_72 + 1)
        await bench.ended(run_id)
        assert time.monotonic() - began < 1


async def test_two_gates_of_a_parallel_have_a_deadline_each(bench: Bench, clock: Clock) -> None:
    def gate(name: str, hours: float, on_timeout: str) -> Step:
        review = HumanReview(requires_confirmation=True, timeout=hours * HOUR, on_timeout=on_timeout)
        return Step(name=name, executor=lambda _: f"{name} ran", human_review=review)

    workflow = Workflow(name="two", steps=[Parallel(gate("slow", 8, "approve"), gate("quick", 2, "skip"))])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        assert [asked.requirement.step_name for asked in await bench.paused(run_id)] == ["slow", "quick"]
        await clock.forward(run_id, 3 * HOUR)
        assert [asked.requirement.step_name for asked in await bench.paused(run_id)] == ["slow"]
        await clock.forward(run_id, 6 * HOUR)
        output = await bench.runs.run_output((await bench.ended(run_id)).run_id)

    assert [step.content for step in output.step_results[0].steps] == ["slow ran"]


async def test_an_answered_gate_leaves_no_timer_behind(bench: Bench, clock: Clock) -> None:
    at = scene(requires_confirmation=True, timeout=HOURS_72, on_timeout="cancel")
    after = HumanReview(requires_confirmation=True)
    at.workflow.steps.append(Step(name="last", executor=lambda _: "last ran", human_review=after))
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(asked))
        await bench.paused(run_id)
        await clock.forward(run_id, 2 * HOURS_72)
        [last] = await bench.paused(run_id)

    assert last.requirement.step_name == "last"


async def test_a_gate_without_a_timeout_waits_for_ever(bench: Bench, clock: Clock) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        await clock.forward(run_id, 3650 * DAY)
        [asked] = await bench.paused(run_id)

    assert asked.requirement.deadline is None

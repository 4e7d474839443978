"""Continuing with a run object that is no longer true: what happened meanwhile wins, and is said.

In agno an old object runs the gated step again, and overwrites the stored run (agno-semantics D29).
"""

from __future__ import annotations

import copy

import pytest

from agno_temporal import DecisionRefused
from agno_temporal.hitl import RefusalCode
from tests.running.scenes import scene
from tests.running.tools import HOUR, Clock, confirm
from tests.support import Bench

CONFIRM = {"requires_confirmation": True}


async def test_an_old_object_is_told_that_the_timer_was_first(bench: Bench, clock: Clock) -> None:
    at = scene(**CONFIRM, timeout=HOUR, on_timeout="skip")
    at.workflow.steps.append(scene(**CONFIRM).workflow.steps[1])
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        old = await durable.arun("x")
        await clock.forward(old.run_id, 2 * HOUR)
        await bench.paused(old.run_id)
        old.step_requirements[0].confirm()
        with pytest.raises(DecisionRefused, match="skip by system:timer"):
            await durable.acontinue_run(old)

    assert at.ran == ["before", "after"]


@pytest.mark.parametrize("ended", [False, True])
async def test_an_old_object_is_told_that_somebody_else_was_first(bench: Bench, ended: bool) -> None:
    at = scene(**CONFIRM, on_reject="skip")
    if not ended:
        at.workflow.steps.append(scene(**CONFIRM).workflow.steps[1])
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        old = await durable.arun("x")
        [asked] = await bench.paused(old.run_id)
        await bench.runs.decide(old.run_id, confirm(asked, by="ana"))
        await (bench.ended if ended else bench.paused)(old.run_id)
        old.step_requirements[0].reject()
        with pytest.raises(DecisionRefused, match="confirm by ana") as refused:
            await durable.acontinue_run(old)

    assert refused.value.code is RefusalCode.ALREADY_DECIDED


async def test_continuing_twice_with_the_same_object_runs_nothing_twice(bench: Bench) -> None:
    """The answer to the first call may have been lost; what it decided stands, and is not decided again."""
    at = scene(**CONFIRM)
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        run.steps_requiring_confirmation[0].confirm()
        again = copy.deepcopy(run)
        first = await durable.acontinue_run(run)
        second = await durable.acontinue_run(again)

    assert first.content == second.content
    assert at.ran == ["before", "gate", "after"]


async def test_the_object_of_an_earlier_iteration_is_told_that_it_is_old(bench: Bench) -> None:
    at = scene("top level", requires_output_review=True, on_reject="retry")
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        old = await durable.arun("x")
        other = copy.deepcopy(old)
        other.steps_requiring_output_review[0].reject(feedback="again")
        await durable.acontinue_run(other)
        old.steps_requiring_output_review[0].confirm()
        with pytest.raises(DecisionRefused) as refused:
            await durable.acontinue_run(old)

    assert refused.value.code is RefusalCode.STALE


async def test_a_run_that_has_ended_is_not_continued(bench: Bench) -> None:
    at = scene()
    async with bench.worker(at.workflow):
        durable = bench.durable(at.workflow)
        run = await durable.arun("x")
        with pytest.raises(ValueError, match="not paused"):
            await durable.acontinue_run(run)

"""A decision that is sent twice is one: an answer may be lost on its way, and its caller cannot know.

The decision id says that it is the same one. Under the same id another answer is a mistake of the caller, which
Temporal would hide: it answers a repeated update id with the first result, whatever was sent.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from agno_temporal import DecisionRefused
from agno_temporal.hitl import Action, Decision, RefusalCode
from tests.running.scenes import scene
from tests.running.tools import confirm, refusal_of, reject, send_update
from tests.support import Bench


async def test_the_same_decision_sent_again_has_the_same_answer_while_the_run_goes_on(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    decision = replace(reject(asked, by="ana", feedback="not yet"), decision_id="click-1")
    first = await bench.runs.decide(run_id, decision)
    await bench.paused(run_id)

    assert await bench.runs.decide(run_id, decision) == first


async def test_the_same_decision_sent_again_has_the_same_answer_after_the_run_has_ended(
    bench: Bench, open_gate
) -> None:
    run_id, asked = open_gate
    decision = confirm(asked, by="ana", key="click-1")
    first = await bench.runs.decide(run_id, decision)
    await bench.ended(run_id)

    assert await bench.runs.decide(run_id, decision) == first


async def test_a_decision_left_by_signal_and_sent_again_as_an_update_is_one(bench: Bench, open_gate) -> None:
    """An API that got no answer leaves the decision as a signal, and its caller tries again later."""
    run_id, asked = open_gate
    decision = confirm(asked, by="ana", key="click-1")
    await bench.runs.signal(run_id, decision)
    run = await bench.ended(run_id)

    assert await bench.runs.decide(run_id, decision) == run.asked[0].resolution


async def test_a_decision_left_by_signal_twice_is_one(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    decision = replace(reject(asked, by="ana"), decision_id="click-1")
    await bench.runs.signal(run_id, decision)
    await bench.runs.signal(run_id, decision)
    await bench.paused(run_id)

    assert (await bench.runs.manifest(run_id)).refused == ()


@pytest.mark.parametrize("ended", [False, True])
async def test_another_answer_under_the_same_id_is_refused(bench: Bench, open_gate, ended: bool) -> None:
    run_id, asked = open_gate
    rejection = replace(reject(asked, by="ana"), decision_id="click-1")
    approval = confirm(asked, by="ana", key="click-1")
    await bench.runs.decide(run_id, approval if ended else rejection)
    await (bench.ended if ended else bench.paused)(run_id)

    refusal = await refusal_of(bench, run_id, rejection if ended else approval)
    assert refusal.code is RefusalCode.KEY_REUSED


async def test_a_refused_decision_s_id_can_be_used_again(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    wrong = Decision(asked.requirement.id, Action.EDIT, edited_output="x", decided_by="ana", decision_id="click-1")
    await refusal_of(bench, run_id, wrong)

    assert await bench.runs.decide(run_id, confirm(asked, by="ana", key="click-1"))


async def test_two_people_may_use_the_same_id(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    await bench.runs.decide(run_id, confirm(asked, by="ana", key="1"))
    await bench.ended(run_id)

    refusal = await refusal_of(bench, run_id, confirm(asked, by="ben", key="1"))
    assert refusal.code is RefusalCode.ALREADY_DECIDED


async def test_a_valid_decision_does_not_share_the_refusal_of_another_one_under_its_id(bench: Bench) -> None:
    """Both wait for a worker: Temporal would give the second the answer of the first."""
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    wrong = Decision(asked.requirement.id, Action.EDIT, edited_output="x", decided_by="ana", decision_id="click-1")
    first = await send_update(bench.runs, run_id, wrong)
    second = await send_update(bench.runs, run_id, confirm(asked, by="ana", key="click-1"))
    async with bench.worker(at.workflow):
        with pytest.raises(DecisionRefused):
            await first
        assert (await second).decision.action is Action.CONFIRM


async def test_names_and_ids_that_read_alike_together_are_not_one(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    await bench.runs.decide(run_id, confirm(asked, by="ana", key="b/c"))

    refusal = await refusal_of(bench, run_id, confirm(asked, by="ana/b", key="c"))
    assert refusal.code is RefusalCode.ALREADY_DECIDED


async def test_an_id_may_be_longer_than_temporal_takes(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    assert await bench.runs.decide(run_id, confirm(asked, by="ana", key="k" * 2_000))

"""What a decision is answered, by the state of what it is about (docs/decisions.md, section 1).

A refusal changes nothing, not even partly, and says what the caller can do. The same decision sent twice, because an
answer was lost on its way, is one decision.
"""

from __future__ import annotations

import pytest
from agno.workflow import Loop, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.client import RunNotFound
from agno_temporal.hitl import Action, Decision, RefusalCode
from tests.running.scenes import scene
from tests.running.tools import confirm, event_counts, refusal_of, reject
from tests.support import Bench


async def test_an_accepted_decision_is_answered_with_what_was_recorded(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    resolution = await bench.runs.decide(run_id, confirm(asked, by="ana", key="click-1"))

    assert resolution.decision == confirm(asked, by="ana", key="click-1")
    assert resolution.at >= asked.requirement.opened_at
    assert (await bench.ended(run_id)).asked[0].resolution == resolution


async def test_the_requirement_of_an_earlier_attempt_is_stale_and_names_the_open_one(bench: Bench, open_gate) -> None:
    run_id, first = open_gate
    await bench.runs.decide(run_id, reject(first, by="ana"))
    [second] = await bench.paused(run_id)

    refusal = await refusal_of(bench, run_id, confirm(first, by="ben"))
    assert (refusal.code, refusal.open_requirement) == (RefusalCode.STALE, second.requirement.id)


async def test_the_requirement_of_an_earlier_iteration_is_stale_and_names_the_open_one(bench: Bench) -> None:
    step = Step(name="gate", executor=lambda _: "ran", human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="rounds", steps=[Loop(name="loop", steps=[step], max_iterations=2)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [first] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(first, by="ana"))
        [second] = await bench.paused(run_id)
        refusal = await refusal_of(bench, run_id, confirm(first, by="ben"))

    assert (refusal.code, refusal.open_requirement) == (RefusalCode.STALE, second.requirement.id)


async def test_an_unknown_run_is_not_found(bench: Bench, open_gate) -> None:
    _, asked = open_gate
    with pytest.raises(RunNotFound, match="no-such-run"):
        await bench.runs.decide("no-such-run", confirm(asked))


async def test_an_unknown_requirement_is_not_found(bench: Bench, open_gate) -> None:
    run_id, _ = open_gate
    refusal = await refusal_of(bench, run_id, Decision("no-such-requirement", Action.CONFIRM))
    assert refusal.code is RefusalCode.NOT_FOUND


async def test_nothing_is_approved_before_it_is_asked(bench: Bench, open_gate) -> None:
    """The id of the next attempt can be computed, and approving it now must not open it later."""
    run_id, first = open_gate
    await bench.runs.decide(run_id, reject(first))
    [second] = await bench.paused(run_id)
    other = await bench.start(scene(requires_confirmation=True).workflow, run_id=f"{run_id}-other")
    [theirs] = await bench.paused(other)

    assert (await refusal_of(bench, other, confirm(second))).code is RefusalCode.NOT_FOUND
    assert (await bench.paused(other)) == [theirs]


@pytest.mark.parametrize("by_a_person", [True, False])
async def test_a_run_that_was_cancelled_says_so(bench: Bench, by_a_person: bool) -> None:
    """Cancelled by somebody, while the gate was open; or by a decision at another gate."""
    at = scene(requires_confirmation=True, on_reject="cancel")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        if by_a_person:
            await bench.runs.decide(run_id, reject(asked, by="ana"))
        else:
            await bench.runs.cancel(run_id)
        await bench.ended(run_id)
        refusal = await refusal_of(bench, run_id, confirm(asked, by="ben"))

    if by_a_person:
        assert (refusal.code, refusal.winner.decision.decided_by) == (RefusalCode.ALREADY_DECIDED, "ana")
    else:
        assert (refusal.code, refusal.winner.decision.decided_by) == (RefusalCode.RUN_CLOSED, "system:cancel")
        assert "CANCELLED" in refusal.message


async def test_an_unknown_requirement_of_a_run_that_has_ended_is_answered_with_its_status(
    bench: Bench, open_gate
) -> None:
    run_id, asked = open_gate
    await bench.runs.decide(run_id, confirm(asked))
    await bench.ended(run_id)

    refusal = await refusal_of(bench, run_id, Decision("no-such-requirement", Action.CONFIRM))
    assert refusal.code is RefusalCode.RUN_CLOSED
    assert "COMPLETED" in refusal.message


async def test_a_refused_decision_leaves_nothing_in_the_history(bench: Bench, open_gate) -> None:
    run_id, asked = open_gate
    before = await event_counts(bench.client, run_id)
    for _ in range(5):
        await refusal_of(bench, run_id, Decision(asked.requirement.id, Action.EDIT, edited_output="x"))

    assert await event_counts(bench.client, run_id) == before

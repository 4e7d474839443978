"""A gate that is written is a gate that is enforced, however deep it stands.

agno asks at the top level only. The same gate inside Steps, a Loop, a Condition, a Router or a Parallel is ignored
without a word and its step executes; inside a nested workflow the parent goes on as if it had been answered
(agno-semantics 5.1). Here every place asks, nothing runs before the answer, and the answer does the same everywhere.
"""

from __future__ import annotations

import pytest
from agno.run.base import RunStatus

from agno_temporal.hitl import Action, Decision
from tests.running.scenes import GATES, everywhere, scene
from tests.running.tools import confirm, edit, fill_in, reject
from tests.support import Bench


@everywhere
@pytest.mark.parametrize("gate", GATES)
async def test_nothing_of_the_step_runs_before_it_is_answered(bench: Bench, place: str, gate: str) -> None:
    at = scene(place, **GATES[gate])
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)

    assert asked.requirement.step_name == "gate"
    assert at.ran == (["before", "gate"] if gate == "review" else ["before"])


@everywhere
async def test_a_confirmed_step_runs_and_its_output_goes_on(bench: Bench, place: str) -> None:
    at = scene(place, requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(asked))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert at.ran == ["before", "gate", "after"]
    assert "gate ran 1" in run.content


@everywhere
async def test_a_step_that_was_rejected_with_skip_leaves_no_trace(bench: Bench, place: str) -> None:
    at = scene(place, requires_confirmation=True, on_reject="skip")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert (run.status, at.ran) == (RunStatus.completed, ["before", "after"])
    assert "gate" not in [step.step_name for step in run.step_results]


@everywhere
async def test_a_step_that_was_rejected_with_cancel_ends_the_run(bench: Bench, place: str) -> None:
    at = scene(place, requires_confirmation=True, on_reject="cancel")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(asked))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert (run.status, at.ran) == (RunStatus.cancelled, ["before"])
    assert run.content == "Workflow cancelled: Step 'gate' was rejected"
    assert (run.paused_step_index, run.paused_step_name) == (1, "gate")


@everywhere
async def test_what_was_filled_in_reaches_the_step_and_no_other(bench: Bench, place: str) -> None:
    at = scene(place, **GATES["input"])
    seen_by_others = []
    for step in (at.workflow.steps[0], at.workflow.steps[-1]):
        step.executor = step.active_executor = lambda step_input: seen_by_others.append(step_input.additional_data)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, fill_in(asked, region="us", copies=2))
        await bench.ended(run_id)

    assert at.filled_in == [{"region": "us", "copies": 2}]
    assert not any("user_input" in (data or {}) for data in seen_by_others)
    assert len(seen_by_others) == 2


@everywhere
async def test_a_form_that_is_confirmed_reaches_the_step(bench: Bench, place: str) -> None:
    at = scene(place, **GATES["confirmation with input"])
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM, values={"region": "us"}))
        await bench.ended(run_id)

    assert at.filled_in == [{"region": "us"}]


@everywhere
async def test_an_edited_output_is_what_the_next_step_and_the_run_s_content_are_made_of(
    bench: Bench, place: str
) -> None:
    at = scene(place, requires_output_review=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, edit(asked, "as edited"))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert "as edited" in run.content
    assert "gate ran" not in run.content


@everywhere
async def test_a_rejected_output_is_made_again_and_asked_about_again(bench: Bench, place: str) -> None:
    at = scene(place, requires_output_review=True, on_reject="retry")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [first] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(first, feedback="again"))
        [second] = await bench.paused(run_id)
        await bench.runs.decide(run_id, confirm(second))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)

    assert at.ran == ["before", "gate", "gate", "after"]
    assert "gate ran 2" in run.content
    assert "gate ran 1" not in run.content
    assert first.requirement.id != second.requirement.id


@everywhere
async def test_a_rejected_confirmation_with_retry_asks_again_and_runs_nothing(bench: Bench, place: str) -> None:
    """agno runs the step that was rejected (agno-semantics 4.4, D60)."""
    at = scene(place, requires_confirmation=True, on_reject="retry")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [first] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(first, feedback="not on a Friday"))
        [second] = await bench.paused(run_id)

    assert at.ran == ["before"]
    assert (second.requirement.feedback, second.requirement.retry_count) == ("not on a Friday", 1)

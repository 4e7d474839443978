"""Everything that people put in the place of outputs is in the run's result, which Temporal takes up to 2 MB."""

from __future__ import annotations

import pytest
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal.client import DecisionRefused
from agno_temporal.hitl import Action, Decision, RefusalCode
from tests.running.tools import replays
from tests.support import Bench

LARGE = "й" * 20_000
"""120 KB as it is written."""

ROOM = 8
"""As many of them are taken in one run."""


def reviewed(number: int) -> Step:
    review = HumanReview(requires_output_review=True)
    return Step(name=f"s{number}", executor=lambda _: f"draft {number}", human_review=review)


@pytest.mark.parametrize("continue_after", [None, 5])
async def test_one_for_which_there_is_no_room_is_refused_and_its_question_stays_open(
    bench: Bench, continue_after: int | None
) -> None:
    workflow = Workflow(name="edits", steps=[reviewed(number) for number in range(ROOM + 1)])
    async with bench.worker(workflow, continue_after=continue_after):
        run_id = await bench.start(workflow)
        for number in range(ROOM):
            (asked,) = await bench.paused(run_id)
            edit = Decision(asked.requirement.id, Action.EDIT, edited_output=LARGE, decision_id=f"edit {number}")
            first = await bench.runs.decide(run_id, edit)
            assert await bench.runs.decide(run_id, edit) == first
        (asked,) = await bench.paused(run_id)
        with pytest.raises(DecisionRefused, match="at most 1000000 bytes together") as refused:
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.EDIT, edited_output=LARGE))
        await bench.runs.signal(run_id, Decision(asked.requirement.id, Action.EDIT, edited_output=LARGE))
        (still,) = await bench.paused(run_id)
        told = (await bench.runs.manifest(run_id)).refused
        await bench.runs.decide(run_id, Decision(still.requirement.id, Action.EDIT, edited_output="short"))
        await bench.ended(run_id)
        output = await bench.runs.run_output(run_id)
    assert refused.value.code is RefusalCode.MALFORMED
    assert still.requirement.id == asked.requirement.id
    assert "at most 1000000 bytes together" in told[-1]
    assert [step.content for step in output.step_results or ()] == [*[LARGE] * ROOM, "short"]
    assert output.content == "short"
    await replays(bench.client, run_id)


async def test_edits_that_are_the_runs_last_outputs_are_in_its_result_once(bench: Bench) -> None:
    workflow = Workflow(name="edits", steps=[Parallel(*(reviewed(number) for number in range(ROOM)), name="all")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        for asked in await bench.paused(run_id):
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.EDIT, edited_output=LARGE))
        run = await bench.ended(run_id)
        output = await bench.runs.run_output(run_id)
    assert run.status == "COMPLETED"
    assert [step.content for step in (output.step_results or ())[0].steps or ()] == [LARGE] * ROOM
    assert output.content == LARGE


async def test_a_question_behind_many_edits_can_be_read(bench: Bench) -> None:
    """What it was asked with has all of them."""
    gates = (
        Step(name=f"gate {number}", executor=lambda _: "done", human_review=HumanReview(requires_confirmation=True))
        for number in range(14)
    )
    workflow = Workflow(name="edits", steps=[*(reviewed(number) for number in range(2)), Parallel(*gates, name="all")])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        for _ in range(2):
            (asked,) = await bench.paused(run_id)
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.EDIT, edited_output=LARGE))
        waiting = await bench.paused(run_id)
        for asked in waiting:
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        run = await bench.ended(run_id)
    assert (run.status, len(waiting)) == ("COMPLETED", 14)

"""Ten decisions at once, as many as Temporal takes, each as large as one may be: they are in the run's message to
Temporal more than once, and Temporal terminates a run whose message has more than 4 MB."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview, StepInput, UserInputField
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError

from agno_temporal.client import DecisionRefused
from agno_temporal.contract import names
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.hitl import Action, Decision, RefusalCode
from agno_temporal.hitl.readable import MAX_WRITTEN_BYTES
from tests.running.tools import replays, send_update
from tests.support import Bench

AT_ONCE = 10

ASCII = "x" * 62_000

CYRILLIC = "й" * 21_000
"""Six bytes each, as it is written."""


def form(number: int, filled_in: dict[int, int]) -> Step:
    """A step that notes how long the text is that it was given."""

    def work(given: StepInput) -> str:
        filled_in[number] = len((given.additional_data or {})["user_input"]["text"])
        return "done"

    text = UserInputField(name="text", field_type="str", required=True)
    review = HumanReview(requires_user_input=True, user_input_schema=[text], on_reject="skip")
    return Step(name=f"form {number}", executor=work, human_review=review)


async def together(bench: Bench, workflow: Workflow, answer: Any, **options: Any) -> tuple[str, Manifest]:
    """The run whose questions were all answered while no worker was there."""
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, **options)
        asked = await bench.paused(run_id)
    sent = [await send_update(bench.runs, run_id, answer(one, f"d{number}")) for number, one in enumerate(asked)]
    async with bench.worker(workflow):
        run = await bench.ended(run_id)
        for one in sent:
            await one
    await replays(bench.client, run_id)
    return run_id, run


@pytest.mark.parametrize(
    ("text", "state"),
    [(ASCII, 0), (ASCII, 280_000), (CYRILLIC, 0), (CYRILLIC, 180_000)],
    ids=["ascii", "ascii, with a state", "cyrillic", "cyrillic, with a state"],
)
async def test_ten_forms_that_are_filled_in_at_once_are_all_taken(bench: Bench, text: str, state: int) -> None:
    filled_in: dict[int, int] = {}
    steps = [form(number, filled_in) for number in range(AT_ONCE)]
    workflow = Workflow(name="forms", steps=[Parallel(*steps, name="all")])

    def fill_in(asked: Asked, decision_id: str) -> Decision:
        return Decision(asked.requirement.id, Action.INPUT, values={"text": text}, decision_id=decision_id)

    _, run = await together(bench, workflow, fill_in, session_state={"kept": "s" * state})
    assert run.status == "COMPLETED"
    assert filled_in == dict.fromkeys(range(AT_ONCE), len(text))


async def test_a_run_that_ends_with_ten_large_decisions_ends_as_decided(bench: Bench) -> None:
    """Its result, which has all of them once more, is in another message."""
    workflow = Workflow(name="forms", steps=[Parallel(*(form(number, {}) for number in range(AT_ONCE)), name="all")])

    def reject(asked: Asked, decision_id: str) -> Decision:
        return Decision(asked.requirement.id, Action.REJECT, feedback=CYRILLIC, decision_id=decision_id)

    _, run = await together(bench, workflow, reject)
    assert run.status == "COMPLETED"
    assert [asked.resolution is not None for asked in run.asked] == [True] * AT_ONCE


async def test_small_decisions_cost_no_timer(bench: Bench) -> None:
    filled_in: dict[int, int] = {}
    steps = [form(number, filled_in) for number in range(AT_ONCE)]
    workflow = Workflow(name="forms", steps=[Parallel(*steps, name="all")])

    def fill_in(asked: Asked, decision_id: str) -> Decision:
        return Decision(asked.requirement.id, Action.INPUT, values={"text": "short"}, decision_id=decision_id)

    run_id, _ = await together(bench, workflow, fill_in)
    history = await bench.client.get_workflow_handle(run_id).fetch_history()
    assert not any(event.HasField("timer_started_event_attributes") for event in history.events)


@pytest.mark.parametrize("text", ["й" * 31_000, "x" * 1_500_000], ids=["as it is written", "in all"])
async def test_one_that_is_too_large_is_sent_to_no_run(bench: Bench, text: str) -> None:
    decision = Decision("any", Action.REJECT, feedback=text)
    with pytest.raises(DecisionRefused, match="at most") as by_update:
        await bench.runs.decide("no run", decision)
    with pytest.raises(DecisionRefused, match="at most"):
        await bench.runs.signal("no run", decision)
    assert by_update.value.code is RefusalCode.MALFORMED


async def test_sent_all_the_same_it_is_refused_and_the_run_waits_on(bench: Bench) -> None:
    workflow = Workflow(name="forms", steps=[form(0, {})])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        (asked,) = await bench.paused(run_id)
        handle = bench.client.get_workflow_handle(run_id)
        large = {"requirement_id": asked.requirement.id, "action": "reject", "feedback": "й" * 31_000}
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update(names.DECIDE, large, result_type=dict)
        await handle.signal("reject", {name: value for name, value in large.items() if name != "action"})
        manifest = await bench.runs.manifest(run_id)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert str(MAX_WRITTEN_BYTES) in str(refused.value.__cause__)
    assert [asked.resolution for asked in manifest.asked] == [None]
    assert any(str(MAX_WRITTEN_BYTES) in one for one in manifest.refused)
    await replays(bench.client, run_id)

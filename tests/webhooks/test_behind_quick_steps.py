"""What is told behind quick steps: what they did is in the history first, with a database and without one."""

from __future__ import annotations

import json

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import WorkflowHistory

from agno_temporal import StepOptions
from agno_temporal.contract import names
from tests.running.tools import replays
from tests.support import Bench
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import telling

QUICK = StepOptions(quick=True)


def flow(last: HumanReview | None = None) -> Workflow:
    def done(given: object) -> str:
        return "done"

    return Workflow(
        name="quick", steps=[Step(name="a", executor=done), Step(name="b", executor=done, human_review=last)]
    )


@pytest.mark.parametrize("last", [HumanReview(requires_confirmation=True), None], ids=["a question", "the end"])
async def test_what_quick_steps_did_is_recorded_before_it_is_told(
    bench: Bench, receiver: Receiver, last: HumanReview | None
) -> None:
    workflow = flow(last)
    async with bench.worker(workflow, steps=QUICK, webhooks=telling(receiver)):
        await bench.runs.wait(run_id := await bench.start(workflow))
        await receiver.has("run.finished" if last is None else "requirement.opened")
        history = await bench.client.get_workflow_handle(run_id).fetch_history()
    recorded = recorded_by(history)
    assert recorded[names.RUN_STEP] < recorded[names.NOTIFY]
    await replays(bench.client, run_id)


async def test_whoever_is_not_told_of_the_end_does_not_hold_it_up(bench: Bench, receiver: Receiver) -> None:
    workflow = flow()
    async with bench.worker(workflow, steps=QUICK, webhooks=telling(receiver, "requirement.opened")):
        await bench.ended(run_id := await bench.start(workflow))
    history = await bench.client.get_workflow_handle(run_id).fetch_history()
    assert not any(event.HasField("timer_started_event_attributes") for event in history.events)


def recorded_by(history: WorkflowHistory) -> dict[str, int]:
    """The workflow task that recorded each kind of local activity, the last time."""
    tasks = {}
    for event in history.events:
        marker = event.marker_recorded_event_attributes
        if "data" in marker.details and (data := marker.details["data"].payloads):
            tasks[json.loads(data[0].data)["activity_type"]] = marker.workflow_task_completed_event_id
    return tasks

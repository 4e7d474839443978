"""Outputs that are small go along with a run inline. What goes along so is not brought as well, and nothing is lost."""

from __future__ import annotations

import pytest
from agno.workflow import HumanReview, Loop, Parallel, Step, Workflow
from temporalio.client import Client

from agno_temporal.contract import names
from agno_temporal.contract.chapter import CarryTask
from agno_temporal.hitl import Action, Decision
from agno_temporal.plan.data import from_json
from agno_temporal.workflows import saving
from tests.chapters.scenes import all_replay, delete_closed, numbers, temporal_runs
from tests.differential.blocks import agent
from tests.support import Bench


def rounds(name: str, iterations: int = 8) -> Loop:
    return Loop(name=name, steps=[Step(name="work", executor=lambda _: "worked")], max_iterations=iterations)


def gate(name: str) -> Step:
    return Step(name=name, executor=lambda _: "went", human_review=HumanReview(requires_confirmation=True))


async def brought(client: Client, run_id: str) -> list[str]:
    """The activities whose results were brought from one Temporal run into the next."""
    found: list[str] = []
    for place in await temporal_runs(client, run_id):
        history = await client.get_workflow_handle(run_id, run_id=place).fetch_history()
        for event in history.events:
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == names.CARRY:
                [task] = await client.data_converter.decode(scheduled.input.payloads)
                found += from_json(CarryTask, task).outputs
    return found


async def test_outputs_that_go_along_inline_are_not_brought(bench: Bench) -> None:
    workflow = numbers(12)
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    assert await all_replay(bench.client, run_id) > 3
    assert await brought(bench.client, run_id) == []
    assert run.content == "last: number 12"
    assert [one.content for one in run.step_results[0].steps] == [f"number {n}" for n in range(1, 13)]


@pytest.mark.slow
async def test_those_for_which_there_is_no_more_room_are_brought(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """They came inline into the history that they are brought from."""
    monkeypatch.setattr(saving, "INLINE_BYTES", 300)
    workflow = Workflow(name="roomy", steps=[rounds("before", 5), gate("gate"), rounds("behind", 5)])
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
        first = await brought(bench.client, run_id)
        await delete_closed(bench.client, run_id)
    async with bench.worker(workflow, continue_after=10):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
        events = await bench.runs.told(run_id)
    assert "0/loop/0#1" in first
    assert [one.content for result in (run.step_results[0], run.step_results[2]) for one in result.steps] == [
        "worked"
    ] * 10
    assert [event.content for _, event in events if event.event == "StepCompleted"].count("worked") == 10


async def test_what_a_run_has_forgotten_is_brought_for_the_readers_of_its_events(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An output that its reviewer did not take: it went along while the question was open, which is forgotten since."""
    monkeypatch.setattr(saving, "ANSWERED_KEPT", 1)
    tries: list[str] = []

    def draft(_: object) -> str:
        tries.append(f"draft {len(tries) + 1}")
        return tries[-1]

    review = HumanReview(requires_output_review=True, on_reject="retry")
    reviewed = Step(name="reviewed", executor=draft, human_review=review)
    workflow = Workflow(
        name="drafts", steps=[Parallel(rounds("beside", 4), reviewed), rounds("behind", 4), gate("gate")]
    )
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        for action in (Action.REJECT, Action.CONFIRM):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, Decision(asked.requirement.id, action))
        [asked] = await bench.paused(run_id)
        assert len(await temporal_runs(bench.client, run_id)) > 2
        await delete_closed(bench.client, run_id)
    async with bench.worker(workflow, continue_after=10):
        events = await bench.runs.told(run_id)
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)
    drafts = [event.content for _, event in events if event.event == "StepCompleted" and event.step_name == "reviewed"]
    assert drafts == ["draft 1", "draft 2"]


@pytest.mark.slow
async def test_what_an_executor_said_is_brought_along_with_every_change(bench: Bench) -> None:
    workflow = Workflow(name="poems", steps=[agent("Ann"), rounds("rounds", 5), gate("gate")])
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go", stream=True, stream_events=True)
        [asked] = await bench.paused(run_id)
        assert len(await temporal_runs(bench.client, run_id)) > 2
        before = await bench.runs.told(run_id)
        await delete_closed(bench.client, run_id)
    async with bench.worker(workflow, continue_after=10):
        after = await bench.runs.told(run_id)
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)
    assert [event.content for _, event in after if event.event == "RunContent"]
    assert [(number, event.to_dict()) for number, event in after] == [
        (number, event.to_dict()) for number, event in before
    ]

"""What stands around a run goes along with it: its reminders, its stored payloads, its plan, and who follows it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from agno.workflow import HumanReview, Loop, Parallel, Step, Workflow
from temporalio.client import WorkflowExecutionStatus

from agno_temporal.activities.history import read_plan
from agno_temporal.hitl import Action, Decision
from agno_temporal.workflows import chapters
from tests.chapters.scenes import all_replay, delete_closed, numbers, temporal_runs
from tests.data.scenes import OLD, converter, converting
from tests.running.tools import closed_as
from tests.streams.following import following
from tests.support import Bench, eventually
from tests.webhooks.conftest import receiver
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import telling
from tests.webhooks.test_reminders import reminder_id

__all__ = ["receiver"]


def said(name: str, text: str, **review: object) -> Step:
    return Step(name=name, executor=lambda _: text, human_review=HumanReview(**review) if review else None)


def rounds(iterations: int = 8) -> Loop:
    return Loop(name="rounds", steps=[said("work", "worked")], max_iterations=iterations)


async def test_reminders_are_sent_or_withdrawn_by_a_run_that_has_gone_on(bench: Bench, receiver: Receiver) -> None:
    soon = said("soon", "went", requires_confirmation=True, timeout=3600 + 5)
    later = said("later", "went", requires_confirmation=True, timeout=8 * 3600)
    workflow = Workflow(name="reminded", steps=[Parallel(rounds(), soon, later, name="beside")])
    webhooks = telling(receiver, remind_before=timedelta(hours=1))
    async with bench.worker(workflow, webhooks=webhooks, continue_after=8):
        run_id = await bench.start(workflow, "go")
        asked = {one.requirement.step_name: one.requirement for one in await bench.paused(run_id)}
        assert len(await temporal_runs(bench.client, run_id)) > 1
        told = await receiver.has("requirement.reminder")
        [reminder] = [one for one in told if one.type == "requirement.reminder"]
        for requirement in asked.values():
            await bench.runs.decide(run_id, Decision(requirement.id, Action.CONFIRM, decided_by="ana"))
        await bench.ended(run_id)
        withdrawn = await closed_as(bench.client, await reminder_id(bench.client, run_id, asked["later"].id))

        async def all_told() -> bool:
            return "run.finished" in receiver.types and receiver.types.count("requirement.decided") == 2

        await eventually("what the run has told at its end", all_told)
    assert reminder.data["requirement_id"] == asked["soon"].id
    assert withdrawn is WorkflowExecutionStatus.TERMINATED
    assert sorted(receiver.types) == [
        *["requirement.decided"] * 2,
        *["requirement.opened"] * 2,
        "requirement.reminder",
        "run.finished",
    ]
    assert await all_replay(bench.client, run_id) > 1


async def test_encrypted_outputs_in_files_go_along(bench: Bench, tmp_path: Path) -> None:
    """Larger than Temporal takes, and of a history that is deleted."""
    stored = converting(bench, converter(OLD, tmp_path, threshold=2000))
    big = said("big", "x" * 3_000_000)
    last = Step(name="last", executor=lambda step_input: str(len(step_input.get_step_content("big"))))
    gate = said("gate", "went", requires_confirmation=True)
    workflow = Workflow(name="stored", steps=[big, rounds(), gate, last])
    async with stored.worker(workflow, continue_after=15):
        run_id = await stored.start(workflow, "go")
        [asked] = await stored.paused(run_id)
        assert len(await temporal_runs(stored.client, run_id)) > 2
        await delete_closed(stored.client, run_id)
    async with stored.worker(workflow, continue_after=15):
        await stored.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await stored.ended(run_id)
        run = await stored.runs.run_output(run_id)
    assert (run.content, len(run.step_results[0].content)) == ("3000000", 3_000_000)


@pytest.mark.parametrize("in_pieces", [False, True], ids=["as-an-argument", "in-pieces"])
async def test_a_run_that_has_gone_on_follows_its_recorded_plan(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, in_pieces: bool
) -> None:
    """The code was changed, and the history in which the plan was recorded is deleted."""
    if in_pieces:
        monkeypatch.setattr(chapters, "ARGUMENT_BYTES", 0)
        monkeypatch.setattr(chapters, "PIECE_BYTES", 1500)

    def deploy(last: str, **review: object) -> Workflow:
        gate = said("gate", "went", requires_confirmation=True, **review)
        return Workflow(name="deploy", steps=[rounds(), gate, said(last, last)])

    first, second = deploy("publish"), deploy("ship", confirmation_message="Really?")
    async with bench.worker(first, continue_after=10):
        run_id = await bench.start(first, "go")
        [asked] = await bench.paused(run_id)
        assert len(await temporal_runs(bench.client, run_id)) > 2
        await delete_closed(bench.client, run_id)
    plan = await read_plan(bench.client, run_id)
    assert plan is not None
    assert [node.name for node in plan.steps] == ["rounds", "gate", "publish"]
    async with bench.worker(second, continue_after=10):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        [blocked] = await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
    async with bench.worker(first, continue_after=10):
        await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    assert '"publish"' in blocked.reason
    assert '"ship"' in blocked.reason
    assert (asked.requirement.message, run.content) == (None, "publish")


async def test_a_reader_sees_every_event_once_across_histories_and_workers(bench: Bench) -> None:
    workflow = numbers(24)
    run_id = await bench.start(workflow, "go")
    async with following(bench.runs, run_id) as followed:
        for seen in (6, 14):
            async with bench.worker(workflow, continue_after=12):
                await followed.seen("LoopIterationCompleted", seen)
        async with bench.worker(workflow, continue_after=12):
            await bench.ended(run_id)
            await followed.end()
            told = await bench.runs.told(run_id)
    assert followed.numbers == [number for number, _ in told] == list(range(len(told)))
    assert followed.names == [event.event for _, event in told]
    assert followed.names.count("LoopIterationCompleted") == 24
    assert await all_replay(bench.client, run_id) > 4


async def test_a_run_with_more_events_than_it_can_take_along_ends_and_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an open gate, which nobody is asked about any more."""
    monkeypatch.setattr(chapters, "MOST_EVENTS", 20)
    gate = said("gate", "went", requires_confirmation=True)
    workflow = Workflow(name="endless", steps=[Parallel(rounds(50), gate, name="beside")])
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        manifest = await bench.ended(run_id)
    assert (manifest.status, manifest.error_type) == ("ERROR", "RunTooLong")
    assert "goes on with 20 at most (docs/limits.md). Split it." in (manifest.content or "")
    assert [one.resolution.decision.decided_by for one in manifest.asked if one.resolution] == ["system:cancel"]
    assert await all_replay(bench.client, run_id) > 1

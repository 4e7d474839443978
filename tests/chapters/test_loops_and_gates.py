"""A run that is too long for one history goes on in another, and nobody notices."""

from __future__ import annotations

import asyncio

import pytest
from agno.workflow import HumanReview, Loop, Parallel, Step, Workflow

from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Action, Decision, RefusalCode
from tests.chapters.scenes import all_replay, delete_closed, numbers, temporal_runs
from tests.replay.test_fresh_runs import everything, run_through
from tests.running.tools import refusal_of
from tests.streams.following import following
from tests.support import Bench, eventually


async def test_a_loop_goes_on_in_one_history_after_the_other(bench: Bench) -> None:
    workflow = numbers(20)
    async with bench.worker(workflow, continue_after=30):
        run_id = await bench.start(workflow, "go")
        async with following(bench.runs, run_id) as followed:
            manifest = await bench.ended(run_id)
            await followed.end()
        run = await bench.runs.run_output(run_id)
        assert followed.numbers == list(range(len(followed.numbers)))
        assert followed.names.count("LoopIterationCompleted") == 20
        assert [number for number, _ in await bench.runs.told(run_id)] == followed.numbers
    assert (manifest.status, manifest.session_state) == ("COMPLETED", {"n": 20})
    assert [one.content for one in run.step_results[0].steps] == [f"number {n}" for n in range(1, 21)]
    assert run.content == "last: number 20"
    assert await all_replay(bench.client, run_id) > 3
    assert [one.run_id async for one in bench.runs.list_runs()] == [run_id]


async def test_every_gate_of_a_long_loop_is_decided_once(bench: Bench) -> None:
    workflow = numbers(8, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        for number in range(8):
            [asked] = await bench.paused(run_id)
            decision = Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana", decision_id=str(number))
            resolution = await bench.runs.decide(run_id, decision)
            assert await bench.runs.decide(run_id, decision) == resolution
        late = Decision(asked.requirement.id, Action.REJECT, decided_by="bob")
        refusal = await refusal_of(bench, run_id, late)
        manifest = await bench.ended(run_id)
    assert refusal.code in (RefusalCode.ALREADY_DECIDED, RefusalCode.STALE)
    assert (manifest.status, manifest.session_state) == ("COMPLETED", {"n": 8})
    assert [asked.resolution.decision.decided_by for asked in manifest.asked if asked.resolution] == ["ana"] * 8
    assert await all_replay(bench.client, run_id) > 2


async def test_a_decision_of_an_earlier_history_is_answered_as_before(bench: Bench) -> None:
    """Temporal knows the ids of one Temporal run's updates only."""
    workflow = numbers(3, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=5):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
        decision = Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana", decision_id="1")
        resolution = await bench.runs.decide(run_id, decision)
        await bench.paused(run_id)
        assert len(await temporal_runs(bench.client, run_id)) > 1
        assert await bench.runs.decide(run_id, decision) == resolution
        refusal = await refusal_of(bench, run_id, Decision(asked.requirement.id, Action.REJECT, decided_by="bob"))
    assert refusal.code is RefusalCode.STALE


async def test_a_gate_stays_open_beside_a_loop_that_goes_on(bench: Bench) -> None:
    """Its deadline, and who asks, are those of the first history; what ran there was deleted meanwhile."""
    gate = Step(
        name="gate", executor=lambda _: "went", human_review=HumanReview(requires_confirmation=True, timeout=900)
    )
    big = Step(name="big", executor=lambda _: "x" * 9000)
    work = Step(name="work", executor=lambda _: "worked")
    beside = Parallel(Loop(name="loop", steps=[work], max_iterations=12), gate, name="beside")
    last = Step(name="last", executor=lambda step_input: str(len(step_input.get_step_content("big"))))
    workflow = Workflow(name="beside", steps=[big, beside, last])
    async with bench.worker(workflow, continue_after=20):
        run_id = await bench.start(workflow, "go")
        [first] = await bench.runs.requirements(run_id) or await bench.paused(run_id)
        [asked] = await bench.paused(run_id)
        assert len(await temporal_runs(bench.client, run_id)) > 2
        await delete_closed(bench.client, run_id)
        assert asked.requirement == first.requirement
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        manifest = await bench.ended(run_id)
        run = await bench.runs.run_output(run_id)
    assert (manifest.status, run.content) == ("COMPLETED", "9000")
    assert len(run.step_results[0].content) == 9000
    assert [len(branch.steps or []) for branch in run.step_results[1].steps] == [12, 0]


async def test_a_deadline_is_kept(bench: Bench) -> None:
    review = HumanReview(requires_confirmation=True, timeout=3, on_timeout="skip")
    gate = Step(name="gate", executor=lambda _: "went", human_review=review)
    work = Step(name="work", executor=lambda _: "worked")
    workflow = Workflow(
        name="timed", steps=[Parallel(Loop(name="loop", steps=[work], max_iterations=10), gate, name="beside")]
    )
    async with bench.worker(workflow, continue_after=10):
        run_id = await bench.start(workflow, "go")
        manifest = await bench.ended(run_id)
    [asked] = manifest.asked
    assert asked.resolution is not None
    assert asked.requirement.deadline is not None
    assert 0 <= asked.resolution.at - asked.requirement.deadline < 2
    assert asked.requirement.deadline - asked.requirement.opened_at == 3
    assert await all_replay(bench.client, run_id) > 2


@pytest.mark.slow
async def test_decisions_that_come_while_it_goes_on_are_all_taken(bench: Bench) -> None:
    """Eight gates beside a loop, decided at the same time, by update and by signal."""
    gates = [
        Step(name=f"gate {n}", executor=lambda _: "went", human_review=HumanReview(requires_confirmation=True))
        for n in range(8)
    ]
    loop = Loop(name="loop", steps=[Step(name="work", executor=lambda _: "worked")], max_iterations=15)
    workflow = Workflow(name="raced", steps=[Parallel(loop, *gates, name="all")])
    async with bench.worker(workflow, continue_after=5):
        run_id = await bench.start(workflow, "go")

        async def all_wait() -> list[Asked] | None:
            waiting = await bench.runs.requirements(run_id)
            return waiting if len(waiting) == 8 else None

        waiting = await eventually("eight questions", all_wait)
        sends = []
        for number, asked in enumerate(waiting):
            send = bench.runs.decide if number % 2 else bench.runs.signal
            await asyncio.sleep(0.02)
            sends.append(asyncio.ensure_future(send(run_id, Decision(asked.requirement.id, Action.CONFIRM))))
        await asyncio.gather(*sends)
        manifest = await bench.ended(run_id)
    assert (manifest.status, manifest.refused) == ("COMPLETED", ())
    assert [asked.resolution is not None for asked in manifest.asked] == [True] * 8
    assert await all_replay(bench.client, run_id) > 3


async def test_a_run_that_is_cancelled_in_a_later_history_says_so(bench: Bench) -> None:
    workflow = numbers(6, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=5):
        run_id = await bench.start(workflow, "go")
        for _ in range(2):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.paused(run_id)
        assert await bench.runs.cancel(run_id)
        manifest = await bench.ended(run_id)
    assert (manifest.status, manifest.cancellation_stage) == ("CANCELLED", "PAUSED")
    assert len(manifest.asked) == 3
    assert await all_replay(bench.client, run_id) > 1


@pytest.mark.parametrize("cancelled_first", [True, False])
async def test_a_cancel_that_waits_beside_a_decision_is_heard(bench: Bench, cancelled_first: bool) -> None:
    """Temporal hands a new Temporal run nothing of a cancel that the last one has not heard."""
    workflow = numbers(6, requires_confirmation=True)
    async with bench.worker(workflow, continue_after=3):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
    decision = Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana")
    sent = [bench.runs.signal(run_id, decision), bench.runs.cancel(run_id)]
    for one in reversed(sent) if cancelled_first else sent:
        await one
    async with bench.worker(workflow, continue_after=3):
        manifest = await bench.ended(run_id)
    assert (manifest.status, manifest.session_state or {}) == ("CANCELLED", {})
    await all_replay(bench.client, run_id)


@pytest.mark.slow
async def test_a_worker_that_caches_nothing_leads_a_run_with_everything_to_the_same_end(bench: Bench) -> None:
    """Where a replay gave other commands than a history has, the task would fail, and the run never end."""
    workflow = everything()
    async with bench.worker(workflow, continue_after=0):
        whole = await bench.runs.run_output(await run_through(bench, workflow))
    async with bench.worker(workflow, continue_after=8, max_cached_workflows=0):
        run_id = await run_through(bench, workflow)
        parted = await bench.runs.run_output(run_id)
    assert parted.content == whole.content
    assert [step.content for step in parted.step_results] == [step.content for step in whole.step_results]
    assert await all_replay(bench.client, run_id) > 5

"""A key that is not there: what needs it waits, says which key it is, and goes on when it is back.

Nothing may be decided meanwhile: neither is a run failed for a request that cannot be read, nor a decision refused.
"""

from __future__ import annotations

import pytest
from agno.workflow import Step, Workflow

from agno_temporal.contract.sealed import Unreadable
from agno_temporal.follow.errors import NoWorker
from agno_temporal.follow.replayed import manifest_of
from agno_temporal.hitl import Action, Decision
from tests.data.scenes import NEW, OLD, OTHER, gated, having
from tests.support import Bench, eventually


async def stuck(bench: Bench, run_id: str) -> str:
    """Why the run cannot go on."""
    blocked = await eventually("the run to be blocked", lambda: bench.runs.blocked(run_id))
    return blocked[0].reason


@pytest.mark.slow
@pytest.mark.parametrize("left", [{}, NEW], ids=["no-keys", "another-key"])
async def test_a_run_whose_key_is_lost_at_a_gate_waits_and_says_so_and_goes_on(
    bench: Bench, left: dict[str, bytes]
) -> None:
    whole, lacking = having(bench, OLD), having(bench, left)
    workflow = gated()
    async with whole.worker(workflow):
        run_id = await whole.start(workflow, "x")
        (asked,) = await whole.paused(run_id)
    await whole.runs.signal(run_id, Decision(asked.requirement.id, Action.CONFIRM))
    async with lacking.worker(workflow):
        reason = await stuck(lacking, run_id)
        assert "workflow task fails" in reason
        assert "key 'old'" in reason
        with pytest.raises((NoWorker, Unreadable), match="key 'old'"):
            await lacking.runs.manifest(run_id)
    async with whole.worker(workflow):
        await whole.ended(run_id)
    assert (await whole.runs.run_output(run_id)).content == "after done first"


@pytest.mark.slow
@pytest.mark.parametrize("left", [{}, NEW], ids=["no-keys", "another-key"])
async def test_a_run_that_was_never_begun_waits_for_its_key_and_does_not_fail(
    bench: Bench, left: dict[str, bytes]
) -> None:
    whole, lacking = having(bench, OLD), having(bench, left)
    workflow = gated()
    run_id = await whole.start(workflow, "x")
    async with lacking.worker(workflow):
        assert "The request of the run cannot be opened: it is encrypted with key 'old'" in await stuck(lacking, run_id)
    async with whole.worker(workflow):
        await whole.paused(run_id)


@pytest.mark.slow
async def test_a_decision_by_signal_waits_for_a_worker_with_its_key(bench: Bench) -> None:
    worker, ahead = having(bench, OLD), having(bench, {**NEW, **OLD})
    workflow = gated()
    async with worker.worker(workflow):
        run_id = await worker.start(workflow, "x")
        (asked,) = await worker.paused(run_id)
        await ahead.runs.signal(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        assert "A decision cannot be opened: it is encrypted with key 'new'" in await stuck(worker, run_id)
    async with ahead.worker(workflow):
        assert (await ahead.ended(run_id)).refused == ()


async def test_a_decision_by_update_changes_nothing_where_the_worker_has_not_its_key(bench: Bench) -> None:
    worker, ahead = having(bench, OLD), having(bench, {**NEW, **OLD})
    workflow = gated()
    async with worker.worker(workflow):
        run_id = await worker.start(workflow, "x")
        (asked,) = await worker.paused(run_id)
        decision = Decision(asked.requirement.id, Action.CONFIRM, decision_id="one")
        with pytest.raises(Unreadable, match=r"key 'new'.* Nothing is changed"):
            await ahead.runs.decide(run_id, decision)
        assert await worker.runs.blocked(run_id) == []
        await worker.paused(run_id)
    async with ahead.worker(workflow):
        await ahead.runs.decide(run_id, decision)
        await ahead.ended(run_id)


async def test_an_old_key_stays_for_as_long_as_there_are_runs_of_it(bench: Bench) -> None:
    before, rotated = having(bench, OLD), having(bench, {**NEW, **OLD})
    workflow = gated()
    async with before.worker(workflow):
        run_id = await before.start(workflow, "x")
        (asked,) = await before.paused(run_id)
    async with rotated.worker(workflow):
        await rotated.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await rotated.ended(run_id)
    assert (await rotated.runs.run_output(run_id)).content == "after done first"


async def test_a_reader_without_the_key_is_told_which_one_it_is(bench: Bench) -> None:
    whole, lacking = having(bench, OLD), having(bench, OTHER)
    workflow = gated()
    async with whole.worker(workflow):
        run_id = await whole.start(workflow, "x")
        (asked,) = await whole.paused(run_id)
        for read in (lacking.runs.manifest, lacking.runs.snapshot, lacking.runs.run_output):
            with pytest.raises(Unreadable, match="key 'old'"):
                await read(run_id)
        await whole.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await whole.ended(run_id)
    for read in (lacking.runs.manifest, lacking.runs.snapshot, lacking.runs.run_output):
        with pytest.raises(Unreadable, match="key 'old'"):
            await read(run_id)


async def test_a_step_that_was_tried_elsewhere_with_another_key_goes_on_counting(bench: Bench) -> None:
    """Its heartbeat holds the count, and one that cannot be read would fail the step for good."""

    def fails(step_input: object) -> str:
        raise ValueError("no")

    first = Workflow(name="failing", steps=[Step(name="a", executor=fails, max_retries=1000)])
    second = Workflow(name="failing", steps=[Step(name="a", executor=lambda _: "done", max_retries=1000)])
    ahead, behind = having(bench, {**NEW, **OLD}), having(bench, OLD)
    run_id = await behind.start(first, "x")

    async def tried() -> bool:
        pending = (await bench.client.get_workflow_handle(run_id).describe()).raw_description.pending_activities
        return bool(pending and pending[0].attempt > 2 and pending[0].HasField("heartbeat_details"))

    async with behind.worker(first):
        await eventually("the step to fail", tried)
    async with ahead.worker(second):
        await ahead.ended(run_id)
    assert (await ahead.runs.run_output(run_id)).content == "done"


async def test_an_encrypted_history_is_replayed_with_its_key_and_not_without(bench: Bench) -> None:
    whole, lacking = having(bench, OLD), having(bench, NEW)
    workflow = gated()
    async with whole.worker(workflow):
        run_id = await whole.start(workflow, "x")
        (asked,) = await whole.paused(run_id)
        await whole.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        ended = await whole.ended(run_id)
    replayed = await manifest_of(whole.client, run_id)
    assert replayed is not None
    assert (replayed.status, replayed.asked) == (ended.status, ended.asked)
    with pytest.raises(Unreadable, match="key 'old'"):
        await manifest_of(lacking.client, run_id)

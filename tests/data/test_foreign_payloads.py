"""What others send to a run that encrypts: plain, of another codec, or forged. None of it holds the run up for good."""

from __future__ import annotations

import uuid

import pytest
from agno.workflow import Step, Workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import RawValue

from agno_temporal.contract.sealed import Unopened
from agno_temporal.hitl import Action, Decision
from tests.data.scenes import GATE, OLD, converter, converting, gated, having
from tests.support import Bench, eventually
from tests.upgrades.resets import reset, tasks

FOREIGN = RawValue(Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"theirs"}, data=b"?" * 40))


async def test_a_plain_start_and_plain_decisions_are_taken(bench: Bench) -> None:
    """A script in another language has no codec. Whoever may write into the namespace may also end the run."""
    ours = having(bench, OLD)
    workflow = gated()
    async with ours.worker(workflow):
        run_id = await bench.start(workflow, "x")
        (asked,) = await ours.paused(run_id)
        await bench.client.get_workflow_handle(run_id).signal("confirm", {"requirement_id": asked.requirement.id})
        await ours.ended(run_id)
    assert (await ours.runs.run_output(run_id)).content == "after done first"


async def test_a_start_of_another_codec_fails_at_once_and_can_be_read(bench: Bench) -> None:
    ours = having(bench, OLD)
    run_id = f"run-{uuid.uuid4()}"
    async with ours.worker(gated()):
        await bench.client.start_workflow("gated", FOREIGN, id=run_id, task_queue=bench.task_queue)
        manifest = await ours.ended(run_id)
    run = await ours.runs.run_output(run_id)
    assert (manifest.status, run.status) == ("ERROR", "ERROR")
    assert "Unknown payload encoding binary/encrypted" in run.content


async def test_a_signal_and_an_update_of_another_codec_are_refused_and_the_run_goes_on(bench: Bench) -> None:
    ours = having(bench, OLD)
    workflow = gated()
    async with ours.worker(workflow):
        run_id = await ours.start(workflow, "x")
        (asked,) = await ours.paused(run_id)
        handle = converting(bench, converter({})).client.get_workflow_handle(run_id)
        await handle.signal("confirm", FOREIGN)
        with pytest.raises(Unopened):  # What refuses it is encrypted for those who have the key.
            await handle.execute_update("decide", FOREIGN)
        await ours.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        manifest = await ours.ended(run_id)
    (refused,) = manifest.refused
    assert "Unknown payload encoding binary/encrypted" in refused


async def test_a_forged_update_is_refused_and_leaves_nothing(bench: Bench) -> None:
    ours = having(bench, OLD)
    workflow = gated()
    async with ours.worker(workflow):
        run_id = await ours.start(workflow, "x")
        await ours.paused(run_id)
        handle = bench.client.get_workflow_handle(run_id)
        forged = {"encoding": b"binary/agno-temporal-sealed", "encryption-key-id": b"old"}
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update("decide", RawValue(Payload(metadata=forged, data=b"?" * 40)))
        assert await ours.runs.blocked(run_id) == []
        await ours.paused(run_id)


async def test_a_forged_signal_is_taken_out_by_a_reset_and_an_answered_decision_stays(bench: Bench) -> None:
    """Nobody can tell it from one whose key is missing, so that the run waits; its operator can."""
    ours = having(bench, OLD)
    workflow = Workflow(
        name="gated", steps=[Step(name=one, executor=lambda _: "done", human_review=GATE) for one in "ab"]
    )
    async with ours.worker(workflow):
        run_id = await ours.start(workflow, "x")
        (first,) = await ours.paused(run_id)
        await ours.runs.decide(run_id, Decision(first.requirement.id, Action.CONFIRM, decided_by="ana"))
        await ours.paused(run_id)
        forged = {"encoding": b"binary/agno-temporal-sealed", "encryption-key-id": b"nobody's"}
        handle = bench.client.get_workflow_handle(run_id)
        await handle.signal("confirm", RawValue(Payload(metadata=forged, data=b"?" * 40)))
        (blocked,) = await eventually("the run to be stuck", lambda: ours.runs.blocked(run_id))
        assert 'encrypted with key "nobody\'s"' in blocked.reason
        await reset(bench.client, run_id, (await tasks(bench.client, run_id))[-1], "signal")
        (second,) = await ours.paused(run_id)
        await ours.runs.decide(run_id, Decision(second.requirement.id, Action.CONFIRM))
        ended = await ours.ended(run_id)
    assert ended.asked[0].resolution is not None
    assert ended.asked[0].resolution.decision.decided_by == "ana"
    assert ended.refused == ()


async def test_a_run_that_was_begun_without_encryption_goes_on_with_it(bench: Bench) -> None:
    plain, ours = converting(bench, converter({})), having(bench, OLD)
    workflow = gated()
    async with plain.worker(workflow):
        run_id = await plain.start(workflow, "x")
        (asked,) = await plain.paused(run_id)
    async with ours.worker(workflow):
        await ours.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await eventually("the run to end", lambda: ours.ended(run_id))

"""A worker is killed around a gate: nothing before it runs twice, nothing behind it runs before the decision."""

from __future__ import annotations

from tests.crash.conftest import Scene

UNDISTURBED = "c, after b, after a, after None"


async def test_killed_while_a_gate_is_open_it_still_asks_the_same_question(scene: Scene) -> None:
    first, second = scene.worker("gate"), scene.worker("gate")
    scene.journal.release()
    await first.start()
    await scene.start()
    before = await scene.bench.paused(scene.run_id)
    first.kill()
    await second.start()
    assert await scene.bench.paused(scene.run_id) == before
    assert scene.journal.steps("began") == ["0#1"]
    await scene.confirm()
    assert await scene.content() == UNDISTURBED
    assert scene.journal.steps("began") == ["0#1", "1#1", "2#1"]


async def test_killed_right_after_a_decision_was_accepted_it_keeps_the_decision(scene: Scene) -> None:
    first, second = scene.worker("gate"), scene.worker("gate")
    await first.start()
    await scene.start()
    await scene.confirm()
    first.kill()
    scene.journal.release()
    await second.start()
    assert await scene.content() == UNDISTURBED
    (asked,) = (await scene.bench.runs.manifest(scene.run_id)).asked
    assert asked.resolution.decision.decided_by == "ana"
    assert scene.journal.steps("ended") == ["0#1", "1#1", "2#1"]


async def test_killed_during_the_gated_step_it_repeats_the_step_and_not_the_question(scene: Scene) -> None:
    first, second = scene.worker("gate"), scene.worker("gate")
    await first.start()
    await scene.start()
    await scene.confirm()
    await scene.journal.seen("began", "1#1")
    first.kill()
    scene.journal.release()
    await second.start()
    assert await scene.content() == UNDISTURBED
    assert len((await scene.bench.runs.manifest(scene.run_id)).asked) == 1
    assert scene.journal.steps("began") == ["0#1", "1#1", "1#1", "2#1"]


async def test_a_signal_sent_while_no_worker_is_up_is_taken_by_the_next_one(scene: Scene) -> None:
    first, second = scene.worker("gate"), scene.worker("gate")
    scene.journal.release()
    await first.start()
    await scene.start()
    (asked,) = await scene.bench.paused(scene.run_id)
    first.kill()
    handle = scene.bench.client.get_workflow_handle(scene.run_id)
    await handle.signal("confirm", {"requirement_id": asked.requirement.id, "decided_by": "ana"})
    await second.start()
    assert await scene.content() == UNDISTURBED

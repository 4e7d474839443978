"""A reader of a run does not notice that its worker was killed: no event is lost, and none comes twice."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Scene
from tests.streams.following import following

pytestmark = pytest.mark.slow

STEP = ["StepStarted", "StepOutput", "StepCompleted"]


async def test_killed_during_a_step_no_event_is_lost_or_doubled(scene: Scene) -> None:
    first, second = scene.worker("three"), scene.worker("three")
    await first.start()
    await scene.start()
    async with following(scene.bench.runs, scene.run_id) as followed:
        await followed.seen("StepStarted", times=2)
        await scene.journal.seen("began", "1#1")
        first.kill()
        scene.journal.release()
        await second.start()
        await followed.end()
    assert followed.names == ["WorkflowStarted", *STEP, *STEP, *STEP, "WorkflowCompleted"]
    assert followed.numbers == list(range(len(followed.names)))
    assert scene.journal.count("began", "1#1") == 2


async def test_a_reader_who_joins_while_no_worker_is_up_sees_what_happened(scene: Scene) -> None:
    first, second = scene.worker("three"), scene.worker("three")
    await first.start()
    await scene.start()
    await scene.journal.seen("began", "1#1")
    first.kill()
    async with following(scene.bench.runs, scene.run_id) as followed:
        await followed.seen("StepStarted", times=2)
        scene.journal.release()
        await second.start()
        await followed.end()
    assert followed.names == ["WorkflowStarted", *STEP, *STEP, *STEP, "WorkflowCompleted"]
    assert followed.numbers == list(range(len(followed.names)))

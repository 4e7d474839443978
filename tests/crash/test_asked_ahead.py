"""A question that is asked of a run on a worker that has just come may find more in its history than the run has seen.

The server hands a query out with the whole history, also while the task that is to tell the run of its end still waits
for a worker that is gone. What happens then is handled in advance, by the time of the task before: a question would
open hours too early, and be over before its time.
"""

from __future__ import annotations

import asyncio

import pytest
from temporalio.api.enums.v1 import EventType

from tests.crash.conftest import Scene

STOOD_STILL = 3.0
"""Seconds between the task before and the one that opens the question."""


@pytest.mark.slow
async def test_a_question_is_not_opened_by_the_time_of_the_task_before(scene: Scene) -> None:
    gone, apart = scene.worker("elsewhere"), scene.worker("elsewhere", queues=f"{scene.queue}-steps")
    next_one = scene.worker("elsewhere")
    await asyncio.gather(gone.start(), apart.start())
    await scene.start()
    await scene.journal.seen("began", "0#1")
    await asyncio.sleep(STOOD_STILL)
    await next_one.start()
    gone.kill()
    scene.journal.release()
    await asked_again_and_again(scene, for_seconds=2.0)
    (asked,) = await scene.bench.paused(scene.run_id)
    assert abs(asked.requirement.opened_at - await ended_at(scene)) < STOOD_STILL / 2


async def asked_again_and_again(scene: Scene, for_seconds: float) -> None:
    for _ in range(int(for_seconds / 0.02)):
        await scene.bench.runs.manifest(scene.run_id)
        await asyncio.sleep(0.02)


async def ended_at(scene: Scene) -> float:
    history = await scene.bench.client.get_workflow_handle(scene.run_id).fetch_history()
    completed = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
    return next(one for one in history.events if one.event_type == completed).event_time.ToNanoseconds() / 1e9

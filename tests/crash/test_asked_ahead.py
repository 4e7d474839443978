"""A question that is asked of a run on a worker that has just come may find more in its history than the run has seen.

The server hands a query out with the whole history, also while the task that is to tell the run of its end still waits
for a worker that is gone, or is with it. What happens then is handled in advance, by the time of the task before, or of
the one that is lost: a question would open too early, and be over before its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from tests.crash.conftest import Scene
from tests.running.tools import replays

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
    assert abs(asked.requirement.opened_at - await told_at(scene)) < STOOD_STILL / 10


@pytest.mark.slow
@pytest.mark.parametrize("_", range(2))
async def test_a_question_is_not_opened_by_the_time_of_a_task_that_was_lost(scene: Scene, _: int) -> None:
    await loses_a_task(scene)
    async with asked_by_many(scene):
        (asked,) = await scene.bench.paused(scene.run_id)
    assert abs(asked.requirement.opened_at - await told_at(scene)) < STOOD_STILL / 10
    await replays(scene.bench.client, scene.run_id)


@pytest.mark.slow
async def test_a_cancel_that_comes_with_a_task_that_was_lost_leaves_a_history_that_replays(scene: Scene) -> None:
    await loses_a_task(scene)
    async with asked_by_many(scene):
        await scene.recorded("0#1")
        await scene.bench.runs.cancel(scene.run_id)
        run = await scene.bench.ended(scene.run_id)
    assert run.status == "CANCELLED"
    await replays(scene.bench.client, scene.run_id)


async def loses_a_task(scene: Scene) -> None:
    """A step ends, and the worker that is told so stands still. Queries that come now wait for its task, and are handed
    out when the time of that is over: to whoever comes first."""
    gone, apart = scene.worker("elsewhere"), scene.worker("elsewhere", queues=f"{scene.queue}-steps")
    next_one = scene.worker("elsewhere")
    await asyncio.gather(gone.start(), apart.start())
    await scene.start(task_timeout=timedelta(seconds=STOOD_STILL))
    await scene.journal.seen("began", "0#1")
    await next_one.start()
    gone.suspend()
    scene.journal.release()


@asynccontextmanager
async def asked_by_many(scene: Scene) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(asked_again_and_again(scene, for_seconds=0.2))
        yield


async def asked_again_and_again(scene: Scene, for_seconds: float) -> None:
    for _ in range(int(for_seconds / 0.02)):
        await scene.bench.runs.manifest(scene.run_id)
        await asyncio.sleep(0.02)


async def told_at(scene: Scene) -> float:
    """When the last task began that a worker completed: the run's time by any replay."""
    history = await scene.bench.client.get_workflow_handle(scene.run_id).fetch_history()
    completed = [event.workflow_task_completed_event_attributes.started_event_id for event in history.events]
    (began,) = (event for event in history.events if event.event_id == max(completed))
    return began.event_time.ToNanoseconds() / 1e9

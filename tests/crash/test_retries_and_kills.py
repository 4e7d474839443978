"""Which failures count: those that the step's own code raised, and no others.

Temporal counts attempts, and a lost worker or a timeout is an attempt too. The step's own count travels in the
heartbeats' details, which outlive the worker.
"""

from __future__ import annotations

import pytest

from agno_temporal.follow.blocked import SILENT
from tests.crash.conftest import Scene
from tests.support import eventually

pytestmark = pytest.mark.slow


async def test_a_kill_between_failures_leaves_a_step_exactly_its_retries(scene: Scene) -> None:
    """Three retries: two failures, a killed attempt, and two more failures."""
    first, second = scene.worker("fails_and_hangs"), scene.worker("fails_and_hangs")
    await first.start()
    await scene.start()
    await scene.journal.seen("began", "0#1", times=3)
    first.kill()
    await second.start()
    run = await scene.bench.ended(scene.run_id)
    assert [line.event for line in scene.journal.lines()] == [
        *("began", "failed", "began", "failed", "began"),
        *("began", "failed", "began", "failed"),
    ]
    assert run.content == "Workflow execution failed: failure 4"


async def test_a_step_that_timed_out_is_never_run_beside_itself(scene: Scene) -> None:
    """A function cannot be stopped from outside, so that the attempt after the timeout waits for the one before."""
    worker = scene.worker("slow_then_quick")
    await worker.start()
    await scene.start()
    assert await scene.content() == "done"
    events = [line.event for line in scene.journal.lines()]
    assert events == ["began", "ended"] * (len(events) // 2)
    assert len(events) > 2


@pytest.mark.parametrize("target", ["exits", "exits_async"])
async def test_a_step_that_exits_the_process_fails_and_leaves_the_worker_alive(scene: Scene, target: str) -> None:
    """`sys.exit` in one step of one run may not take down a hundred others, again at every attempt."""
    worker = scene.worker(target)
    await worker.start()
    await scene.start()
    run = await scene.bench.ended(scene.run_id)
    assert run.content == "Workflow execution failed: sys.exit(3) was called"
    assert scene.journal.count("began", "0#1") == 1
    assert worker.is_alive


async def test_a_step_that_raises_a_cancellation_of_its_own_has_failed(scene: Scene) -> None:
    """Nobody asked for it, so that it is an error like any other, and not one to be tried for ever."""
    worker = scene.worker("cancels_itself")
    await worker.start()
    await scene.start()
    assert (await scene.bench.ended(scene.run_id)).status == "ERROR"
    assert scene.journal.count("began", "0#1") == 1


async def test_a_step_that_takes_its_worker_with_it_is_shown_to_whoever_looks(scene: Scene) -> None:
    """It is tried again without end, since it never failed; so it must not do so unseen."""
    await scene.worker("dies").start()
    await scene.start()
    (blocked,) = await eventually("the step to be shown", lambda: scene.bench.runs.blocked(scene.run_id))
    assert (blocked.activity_id, blocked.reason) == ("0#1", f"{SILENT} (activity Heartbeat timeout).")

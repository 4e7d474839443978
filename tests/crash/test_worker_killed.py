"""A worker is killed: what has finished stays finished, what was under way is tried again, without costing a retry.

Every step here has ``max_retries=0``. Would a lost worker count as a failure of the step, each of these runs would end
with a step that failed or was skipped.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.crash.conftest import Scene

pytestmark = pytest.mark.slow

UNDISTURBED = "c, after b, after a, after None"


async def test_killed_before_the_first_step_it_loses_nothing(scene: Scene) -> None:
    """The first workflow task, with what it did locally, dies with the worker and is done anew."""
    first, second = scene.worker("three"), scene.worker("three")
    scene.journal.release()
    await first.start()
    first.suspend()
    await scene.start(task_timeout=timedelta(seconds=1))
    first.kill()
    await second.start()
    assert await scene.content() == UNDISTURBED
    assert scene.journal.steps("ended") == ["0#1", "1#1", "2#1"]


@pytest.mark.parametrize("target", ["three", "three_async"])
async def test_killed_during_a_step_it_repeats_that_step_only(scene: Scene, target: str) -> None:
    first, second = scene.worker(target), scene.worker(target)
    await first.start()
    await scene.start()
    await scene.journal.seen("began", "1#1")
    first.kill()
    scene.journal.release()
    await second.start()
    assert await scene.content() == UNDISTURBED
    assert scene.journal.steps("began") == ["0#1", "1#1", "1#1", "2#1"]
    assert scene.journal.steps("ended") == ["0#1", "1#1", "2#1"]


async def test_killed_between_two_steps_it_repeats_neither(scene: Scene) -> None:
    """The second step waits on a queue of its own, which only the replacement serves."""
    first = scene.worker("second_elsewhere")
    second = scene.worker("second_elsewhere", queues=f"{scene.queue},{scene.queue}-b")
    await first.start()
    await scene.start()
    await scene.scheduled("1#1")
    first.kill()
    await second.start()
    assert await scene.content() == "b, after a, after None"
    assert scene.journal.steps("began") == ["0#1", "1#1"]


async def test_killed_during_two_branches_it_repeats_both_and_not_the_third(scene: Scene) -> None:
    first, second = scene.worker("branches"), scene.worker("branches")
    await first.start()
    await scene.start()
    await scene.journal.seen("began", "1/parallel/0#1")
    await scene.journal.seen("began", "1/parallel/1#1")
    await scene.recorded("1/parallel/2#1")
    first.kill()
    scene.journal.release()
    await second.start()
    await scene.content()
    assert scene.journal.count("began", "1/parallel/0#1") == scene.journal.count("began", "1/parallel/1#1") == 2
    assert scene.journal.count("began", "1/parallel/2#1") == 1
    assert sorted(scene.journal.steps("ended")) == ["0#1", *(f"1/parallel/{index}#1" for index in range(3)), "2#1"]


@pytest.mark.slow
async def test_a_step_that_another_worker_has_taken_over_is_not_blocked(scene: Scene) -> None:
    """It runs, for as long as it takes: nobody is to be called."""
    first, second = scene.worker("three"), scene.worker("three")
    await first.start()
    await scene.start()
    await scene.journal.seen("began", "1#1")
    first.kill()
    await second.start()
    await scene.journal.seen("began", "1#1", times=2)
    assert await scene.bench.runs.blocked(scene.run_id) == []


@pytest.mark.slow
@pytest.mark.parametrize(("target", "heartbeat"), [("three", 2.0), ("default_heartbeat", 10.0)])
async def test_a_dead_worker_is_noticed_by_its_heartbeats(scene: Scene, target: str, heartbeat: float) -> None:
    """Not after the 24 hours that an attempt may take."""
    first, second = scene.worker(target), scene.worker(target)
    await first.start()
    await scene.start()
    await scene.journal.seen("began", "1#1")
    first.kill()
    await second.start()
    await scene.journal.seen("began", "1#1", times=2)
    outage = scene.journal.lines("began", "1#1")[1].at - first.killed_at
    print(f"heartbeat timeout {heartbeat:.0f} s: begun again {outage:.1f} s after the kill")
    assert outage < heartbeat + 4.0

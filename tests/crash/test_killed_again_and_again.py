"""Kills at moments that nobody chose.

The named moments are tested one by one; between them lie others, such as after a step's last line and before its result
is recorded. There a step may run once more, since activities are at least once. So what must hold is this: a step
begins as often as it was lost, and once a later one has begun, no earlier one ever begins again.
"""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.crash.conftest import Scene
from tests.support import eventually


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_killed_at_random_moments_the_run_ends_as_undisturbed(scene: Scene, seed: int) -> None:
    moment = random.Random(seed)
    await scene.start(task_timeout=None)
    kills = 0
    worker, spare = await scene.worker("twelve").start(), scene.worker("twelve")
    for wanted in range(1, 12, 2):
        await _past(scene, wanted)
        await asyncio.sleep(moment.uniform(0.0, 0.25))
        worker.kill()
        kills += 1
        worker, spare = await spare.start(), scene.worker("twelve")
    assert await scene.content() == "12"
    began = [int(step.partition("#")[0]) for step in scene.journal.steps("began")]
    assert began == sorted(began)
    assert set(began) == set(range(12))
    assert len(began) <= 12 + kills


async def _past(scene: Scene, wanted: int) -> None:
    async def begun() -> bool:
        return len(set(scene.journal.steps("began"))) >= wanted

    await eventually(f"{wanted} steps to have begun", begun, patience=60)

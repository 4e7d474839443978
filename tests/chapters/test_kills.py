"""A worker is killed again and again while its run changes histories with nearly every step."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from agno_temporal.contract.request import RunRequest
from tests.chapters.scenes import all_replay
from tests.crash.processes import WorkerProcess
from tests.support import Bench

pytestmark = pytest.mark.slow

KILLS = 5


@pytest.fixture
def processes() -> Iterator[list[WorkerProcess]]:
    started: list[WorkerProcess] = []
    yield started
    for one in started:
        one.kill()


async def test_every_iteration_is_counted_once(bench: Bench, processes: list[WorkerProcess]) -> None:
    address = bench.client.service_client.config.target_host
    for _ in range(KILLS + 1):
        processes.append(WorkerProcess(address, bench.task_queue, "tests.chapters.killed:looped"))
    draw = random.Random(bench.task_queue)
    await bench.runs.start("numbers", RunRequest(input="go"), "killed-" + bench.task_queue)
    run_id = "killed-" + bench.task_queue
    for process in processes[:-1]:
        await process.start()
        await asyncio.sleep(draw.uniform(0.3, 0.8))
        process.kill()
    await processes[-1].start()
    manifest = await bench.ended(run_id)
    told = await bench.runs.told(run_id)
    assert (manifest.status, manifest.session_state) == ("COMPLETED", {"n": 40}), f"{bench.task_queue}"
    assert [number for number, _ in told] == list(range(len(told)))
    assert [event.event for _, event in told].count("LoopIterationCompleted") == 40
    assert await all_replay(bench.client, run_id) > 5

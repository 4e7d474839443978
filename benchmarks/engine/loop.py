"""A Loop of two thousand iterations of one step: its pace beside a loop by hand, and whether it keeps that pace.

One run moves at a time, so that what is measured is how long a step takes from end to end, and its worker is idle for
most of it. So each side has its worker in a process of its own, as in production: three in one would wait for each
other's Python.

A run that hands everything on that it has done becomes slower with each iteration. So the times between iterations in
the last quarter are compared with those in the second; the first one warms up. When each began, its history says.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from functools import partial
from statistics import mean

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from benchmarks.growth.jobs import ITERATIONS, LONG_LOOP
from benchmarks.growth.sides import Side, sides
from benchmarks.growth.worker import BY_HAND, OURS, UNSANDBOXED
from benchmarks.harness.clock import seconds
from benchmarks.harness.pairs import interleaved
from benchmarks.harness.processes import cpu
from benchmarks.harness.rows import Measured, Row, at_least, at_most, compare, compare_cpu
from benchmarks.harness.scene import Scene

TITLE = "a Loop of 2,000 iterations"

MAY_GROW = 1.1
"""The last quarter by the second."""


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    iterations = scene.of(LONG_LOOP, min(ITERATIONS))
    growth: dict[str, list[float]] = {OURS: [], BY_HAND: [], UNSANDBOXED: []}

    async def round(side: Side) -> list[float]:
        run_id = await side.loop(iterations)
        took = await seconds(side.result(run_id))
        growth[side.name].append(_growth([began async for began in _iterations(scene.client, run_id)]))
        return [iterations / took]

    async with sides(scene) as found:
        contenders = {side.name: partial(round, side) for side in found}
        used = {side.name: partial(cpu, side.worker.pid) for side in found}
        measured = await interleaved(scene.pairs, contenders, [BY_HAND, UNSANDBOXED], used)
    last = "an iteration's time, last quarter by second"
    return [
        compare("ours", "iterations/s", measured, OURS, BY_HAND, at_least(0.95)),
        compare("ours", "iterations/s", measured, OURS, UNSANDBOXED, at_least(0.95)),
        compare_cpu("ours, worker's", measured, OURS, BY_HAND),
        compare_cpu("ours, worker's", measured, OURS, UNSANDBOXED),
        Measured(f"{last}, ours", "ratio", tuple(growth[OURS]), at_most(MAY_GROW)),
        Measured(f"{last}, by hand", "ratio", tuple(growth[BY_HAND])),
    ]


async def _iterations(client: Client, run_id: str) -> AsyncIterator[float]:
    """When each iteration's step was started, in milliseconds, in all of the run's histories."""
    description = await client.get_workflow_handle(run_id).describe()
    place = description.raw_description.workflow_execution_info.first_run_id
    while place:
        following = ""
        async for event in client.get_workflow_handle(run_id, run_id=place).fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                yield event.event_time.ToNanoseconds() / 1e6
            following = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        place = following


def _growth(started: list[float]) -> float:
    between = [after - before for before, after in itertools.pairwise(started)]
    quarter = len(between) // 4
    return mean(between[-quarter:]) / mean(between[quarter : 2 * quarter])

"""A Loop of two thousand iterations of one step: its pace beside a loop by hand, and whether it keeps that pace.

A run that hands everything on that it has done becomes slower with each iteration. So the times between iterations in
the last quarter are compared with those in the second; the first one warms up.
"""

from __future__ import annotations

import itertools
import time
from contextlib import AsyncExitStack
from statistics import mean

from agno.workflow import Loop, Workflow
from agno.workflow.types import StepInput

from benchmarks.engine.loop_by_hand import STARTED, LoopByHand, iterate
from benchmarks.engine.loop_by_hand import Loop as LoopJob
from benchmarks.harness.clock import seconds
from benchmarks.harness.pairs import interleaved
from benchmarks.harness.rows import Measured, Row, at_least, at_most, compare, compare_cpu
from benchmarks.harness.scene import Scene
from benchmarks.harness.steps import step

TITLE = "a Loop of 2,000 iterations"

MAY_GROW = 1.1
"""The last quarter by the second."""


def looping(iterations: int) -> Workflow:
    """One function, again and again."""

    def work(given: StepInput) -> str:
        STARTED[str(given.input)].append(time.perf_counter())
        return f"after {len(str(given.previous_step_content or ''))}"

    loop = Loop(name="loop", steps=[step("iterate", work)], max_iterations=iterations)
    return Workflow(name="looping", steps=[loop])


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    iterations = scene.of(2_000, 16)
    growth: dict[str, list[float]] = {"ours": [], "by hand": []}
    numbers = itertools.count()
    async with AsyncExitStack() as stack:
        workflow = looping(iterations)
        side = await stack.enter_async_context(scene.ours(workflow))
        hand = await stack.enter_async_context(scene.by_hand(LoopByHand, [iterate]))
        plain = await stack.enter_async_context(scene.by_hand(LoopByHand, [iterate], sandboxed=False))

        async def ours() -> list[float]:
            key = f"ours-{next(numbers)}"
            took = await seconds(side.run(workflow, key))
            growth["ours"].append(_growth(STARTED.pop(key)))
            return [iterations / took]

        async def by_hand() -> list[float]:
            began = time.perf_counter()
            run_id = await hand.start(LoopJob(iterations))
            await hand.result(run_id)
            growth["by hand"].append(_growth(STARTED.pop(run_id)))
            return [iterations / (time.perf_counter() - began)]

        async def unsandboxed() -> list[float]:
            return [iterations / await seconds(plain.run(LoopJob(iterations)))]

        contenders = {"by hand": by_hand, "by hand, unsandboxed": unsandboxed, "ours": ours}
        measured = await interleaved(scene.pairs, contenders, ["by hand", "by hand, unsandboxed"])
    last = "an iteration's time, last quarter by second"
    return [
        compare("ours", "iterations/s", measured, "ours", "by hand", at_least(0.95)),
        compare("ours", "iterations/s", measured, "ours", "by hand, unsandboxed", at_least(0.95)),
        compare_cpu("ours", measured, "ours", "by hand, unsandboxed"),
        Measured(f"{last}, ours", "ratio", tuple(growth["ours"]), at_most(MAY_GROW)),
        Measured(f"{last}, by hand", "ratio", tuple(growth["by hand"])),
    ]


def _growth(started: list[float]) -> float:
    between = [after - before for before, after in itertools.pairwise(started)]
    quarter = len(between) // 4
    return mean(between[-quarter:]) / mean(between[quarter : 2 * quarter])

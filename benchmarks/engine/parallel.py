"""A Parallel of a hundred functions, one run at a time: the branches are all of the load."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from agno.workflow import Parallel, Workflow

from benchmarks.engine.loop_by_hand import BranchesByHand, branch
from benchmarks.harness.clock import seconds
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.rows import Row, at_least, compare, compare_cpu
from benchmarks.harness.scene import ByHand, Ours, Scene
from benchmarks.harness.steps import step

TITLE = "a Parallel of 100 branches"


def wide(branches: int) -> Workflow:
    """So many functions beside each other."""

    names = [f"branch {number}" for number in range(branches)]
    steps: list[Any] = [step(name, lambda _: "done") for name in names]
    return Workflow(name="wide", steps=[Parallel(*steps, name="all")])


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    branches, runs = scene.of(100, 8), scene.times(5, 1)

    def ours(side: Ours, workflow: Workflow) -> Round:
        async def round() -> list[float]:
            return [branches / await seconds(side.run(workflow, "a request")) for _ in range(runs)]

        return round

    def by_hand(side: ByHand) -> Round:
        async def round() -> list[float]:
            return [branches / await seconds(side.run(branches)) for _ in range(runs)]

        return round

    async with AsyncExitStack() as stack:
        workflow = wide(branches)
        side = await stack.enter_async_context(scene.ours(workflow))
        hand = await stack.enter_async_context(scene.by_hand(BranchesByHand, [branch]))
        plain = await stack.enter_async_context(scene.by_hand(BranchesByHand, [branch], sandboxed=False))
        contenders = {
            "by hand": by_hand(hand),
            "by hand, unsandboxed": by_hand(plain),
            "ours": ours(side, workflow),
        }
        measured = await interleaved(scene.pairs, contenders, ["by hand", "by hand, unsandboxed"])
    return [
        compare("ours", "branches/s", measured, "ours", "by hand", at_least(0.95)),
        compare("ours", "branches/s", measured, "ours", "by hand, unsandboxed", at_least(0.95)),
        compare_cpu("ours", measured, "ours", "by hand, unsandboxed"),
    ]

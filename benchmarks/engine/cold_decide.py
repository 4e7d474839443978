"""A decision for a run that is in no worker's memory, and has a thousand events: its history is replayed first.

Each run is brought to its gate by one worker. That one is stopped, and another, which has seen none of them, is there
when the decision comes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agno.workflow import Workflow
from agno.workflow.types import HumanReview

from benchmarks.engine.pause import confirm_by_hand, confirm_ours, note_start, wait_at_gate
from benchmarks.engine.pause_by_hand import STARTED, GateBehindSteps, prepare, release
from benchmarks.harness.clock import seconds
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.rows import Measured, Row, at_most, compare
from benchmarks.harness.scene import Scene
from benchmarks.harness.steps import step

TITLE = "cold decide: a run of 1,000 events in no worker's memory"

EVENTS_OF_A_STEP = 6


def behind(steps: int) -> Workflow:
    """A gate behind so many steps."""
    before = [step(f"s{number}", lambda _: "prepared") for number in range(steps)]
    gate = HumanReview(requires_confirmation=True, timeout=3600)
    return Workflow(name="behind", steps=[*before, step("release", note_start, human_review=gate)])


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    steps = scene.of(1_000, 30) // EVENTS_OF_A_STEP
    runs = scene.times(3, 1)
    workflow = behind(steps)
    never: dict[str, Any] = {"continue_after": 0}  # Else it would go on in a new Temporal run at just this length.
    activities: list[Callable[..., Any]] = [prepare, release]

    async def ours() -> list[float]:
        async with scene.ours(workflow, **never) as side:
            queue = side.queue
            opened = {key: await side.start(workflow, key) for key in map(str, range(runs))}
            asked = {key: (await side.paused(run_id))[0] for key, run_id in opened.items()}
        took = []
        async with scene.ours(workflow, queue=queue, **never):
            for key, run_id in opened.items():
                took.append(await seconds(confirm_ours(scene.client, run_id, asked[key].requirement.id)))
                await side.result(run_id)
                STARTED.pop(key)
        return took

    def by_hand(*, sandboxed: bool) -> Round:
        async def round() -> list[float]:
            async with scene.by_hand(GateBehindSteps, activities, sandboxed=sandboxed) as side:
                queue = side.queue
                opened = [await side.start(steps) for _ in range(runs)]
                for run_id in opened:
                    await wait_at_gate(scene.client, run_id)
            took = []
            async with scene.by_hand(GateBehindSteps, activities, sandboxed=sandboxed, queue=queue):
                for run_id in opened:
                    took.append(await seconds(confirm_by_hand(scene.client, run_id)))
                    await side.result(run_id)
                    STARTED.pop(run_id)
            return took

        return round

    contenders = {
        "by hand": by_hand(sandboxed=True),
        "by hand, unsandboxed": by_hand(sandboxed=False),
        "ours": ours,
    }
    measured = await interleaved(scene.pairs, contenders, ["by hand", "by hand, unsandboxed"])
    every = tuple(one for figures in measured["ours"] for one in figures)
    return [
        Measured("ours", "s", every, at_most(0.25)),
        compare("ours", "s", measured, "ours", "by hand", at_most(1.1)),
        compare("ours", "s", measured, "ours", "by hand, unsandboxed", at_most(1.1)),
    ]

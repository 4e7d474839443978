"""How many bytes forty outputs of 50 KB make in a history, where agno lets each step ask for every earlier one.

Whoever writes it by hand knows what a step needs, and passes that: at best nothing, which writes each output once. Ours
cannot know it. So a step is given references, and reads what it asks for from where it was written.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from agno.workflow import Workflow
from agno.workflow.types import StepInput

from benchmarks.engine.earlier_outputs_by_hand import Job, LastOutputOnly, NoOutput, produce
from benchmarks.harness.histories import cost
from benchmarks.harness.rows import Counted, Row, at_most
from benchmarks.harness.scene import Scene
from benchmarks.harness.steps import step

TITLE = "40 outputs of 50 KB: bytes of history"

SIZE = 50_000

MAY_BE = 1.2
"""Of the sum of the outputs."""


def large(steps: int) -> Workflow:
    """Each step looks at the output before it."""

    def work(given: StepInput) -> str:
        assert given.previous_step_content in (None, "x" * SIZE)
        return "x" * SIZE

    return Workflow(name="large", steps=[step(f"s{number}", work) for number in range(steps)])


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    steps = scene.of(40, 4)
    async with AsyncExitStack() as stack:
        workflow = large(steps)
        ours = await stack.enter_async_context(scene.ours(workflow))
        run_id = await ours.start(workflow)
        await ours.result(run_id)
        written = (await cost(scene.client, run_id)).bytes
        by_hand = []
        for job in (NoOutput, LastOutputOnly):
            side = await stack.enter_async_context(scene.by_hand(job, [produce]))
            run_id = await side.start(Job(steps, SIZE))
            await side.result(run_id)
            by_hand.append((await cost(scene.client, run_id)).bytes)
    bound = at_most(MAY_BE * steps * SIZE)
    return [
        Counted("by hand: nothing passed", "bytes", written, by_hand[0], bound),
        Counted("by hand: the last output passed", "bytes", written, by_hand[1]),
    ]

"""An attempt that Temporal has given up, and that goes on all the same."""

from __future__ import annotations

import time

from agno.workflow import HumanReview, Step, Workflow

from agno_temporal import StepOptions
from tests.support import Bench

LARGE = 9_000
"""Characters, so that no task carries the output and it is read where it lies."""


class Scene:
    """A draft that takes too long the first time and is another each time, and a step that reads it. It blocks the
    event loop meanwhile, so that nothing tells the first attempt in time."""

    def __init__(self) -> None:
        self.drafts = 0
        self.read: list[str] = []
        self.workflow = Workflow(
            name="given-up", steps=[Step(name="draft", executor=self.draft), Step(name="read", executor=self.reads)]
        )

    async def draft(self, step_input: object) -> str:
        self.drafts += 1
        if self.drafts == 1:
            time.sleep(2.0)  # noqa: ASYNC251
        return f"draft {self.drafts}:".ljust(LARGE)

    def reads(self, step_input: object) -> str:
        self.read.append(str(getattr(step_input, "previous_step_content", None)).strip())
        return "done"


async def test_the_next_step_reads_what_was_recorded_and_not_what_the_lost_attempt_left_here(bench: Bench) -> None:
    scene = Scene()
    async with bench.worker(scene.workflow, steps=StepOptions(start_to_close_timeout=1.0)):
        run_id = await bench.start(scene.workflow)
        await bench.ended(run_id)
    assert scene.drafts > 1
    assert scene.read == [f"draft {scene.drafts}:"]


async def test_a_predicate_does_not_run_beside_its_first_attempt(bench: Bench) -> None:
    running, most, asked = 0, 0, 0

    def wants_review(output: object) -> bool:
        nonlocal running, most, asked
        asked, running = asked + 1, running + 1
        most = max(most, running)
        time.sleep(2.0 if asked == 1 else 0.2)
        running -= 1
        return False

    review = HumanReview(requires_output_review=wants_review)
    workflow = Workflow(name="asked", steps=[Step(name="draft", executor=lambda _: "draft", human_review=review)])
    async with bench.worker(workflow, steps=StepOptions(start_to_close_timeout=1.0)):
        await bench.ended(await bench.start(workflow))
    assert asked > 1
    assert most == 1

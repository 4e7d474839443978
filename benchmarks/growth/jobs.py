"""The jobs of both sides: steps in a row, of which each is given the output before it, a loop, and a gate."""

from __future__ import annotations

from agno.workflow import Loop, Workflow
from agno.workflow.types import StepInput

from benchmarks.engine.pause import gated
from benchmarks.harness.steps import step

RUNS_AT_ONCE = (1, 5, 20, 50, 100, 200)
STEPS = (1, 5, 20, 100, 200, 400)
ITERATIONS = (10, 50, 200, 1_000)
LONG_LOOP = 2_000
OUTPUTS = (1_000, 10_000, 100_000, 500_000, 1_500_000)
PAUSES = (100, 500, 1_000, 2_000)
FEW_PAUSES = (10, 20)
SUBSCRIBERS = (1, 10, 100, 1_000)

FEW = 5
"""The steps of a run where something else grows."""

SHORT = 10
"""The bytes of an output where something else grows."""


def workflows() -> list[Workflow]:
    """Ours, one for each size, since a workflow's steps are its own."""
    lengths = {*((steps, SHORT) for steps in (*STEPS, FEW)), *((FEW, size) for size in OUTPUTS)}
    return [*(row(*one) for one in sorted(lengths)), *map(looping, (*ITERATIONS, LONG_LOOP)), gated()]


def row(steps: int, size: int) -> Workflow:
    """So many steps that return so many bytes."""

    def work(given: StepInput) -> str:
        assert given.previous_step_content in (None, "x" * size)
        return "x" * size

    return Workflow(name=f"row-{steps}-{size}", steps=[step(f"s{number}", work) for number in range(steps)])


def looping(iterations: int) -> Workflow:
    """A step, again and again."""

    def work(given: StepInput) -> str:
        return f"after {len(str(given.previous_step_content or ''))}"

    loop = Loop(name="loop", steps=[step("iterate", work)], max_iterations=iterations)
    return Workflow(name=f"loop-{iterations}", steps=[loop])

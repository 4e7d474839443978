"""How long a process takes to be of use: its imports, its command line, its first step.

agno and temporalio together take most of a second to load, and whoever uses this package needs both. What it may add is
a tenth of a second.
"""

from __future__ import annotations

import asyncio
import compileall
import time
import uuid
from pathlib import Path

import agno_temporal
from benchmarks.harness.interval import difference
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.processes import line, python, running
from benchmarks.harness.rows import Measured, Row, at_most, compare
from benchmarks.harness.scene import Scene

TITLE = "imports, the command line, and a worker's first step"

BOTH = "import agno.workflow, temporalio.client, temporalio.worker"
ALL = "from agno_temporal import AgnoPlugin, DurableWorkflow, RunClient, StepOptions, embedded"

ADDED = at_most(0.1)


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    compileall.compile_dir(Path(agno_temporal.__file__).parent, quiet=1)  # As installers do; a checkout need not be.

    def taking(*arguments: str) -> Round:
        async def round() -> list[float]:
            return [await asyncio.to_thread(python, *arguments)]

        return round

    def first_step(side: str) -> Round:
        async def round() -> list[float]:
            queue = f"first-{uuid.uuid4()}"
            request = {"input": "a request"}
            await scene.client.start_workflow("first", request, id=queue, task_queue=queue)
            return [await asyncio.to_thread(_first_step, side, scene.address, queue)]

        return round

    contenders = {
        "both": taking("-c", BOTH),
        "agno_temporal": taking("-c", "import agno_temporal"),
        "all of agno_temporal": taking("-c", ALL),
        "help": taking("-m", "agno_temporal", "--help"),
        "first step by hand": first_step("by-hand"),
        "first step": first_step("ours"),
    }
    measured = await interleaved(scene.pairs, contenders, ["both", "first step by hand"])
    of_help = tuple(one for figures in measured["help"] for one in figures)
    return [
        compare("import agno_temporal", "s", measured, "agno_temporal", "both", ADDED, by=difference),
        compare("everything that it exports", "s", measured, "all of agno_temporal", "both", ADDED, by=difference),
        compare("worker start to first step", "s", measured, "first step", "first step by hand", ADDED, by=difference),
        Measured("agno-temporal --help", "s", of_help, at_most(0.3)),
    ]


def _first_step(side: str, address: str, queue: str) -> float:
    """How long a worker process takes to run a step that waits for it."""
    began = time.perf_counter()
    with running("benchmarks.engine.first_step", side, address, queue) as process:
        assert line(process) == "first step"
        return time.perf_counter() - began

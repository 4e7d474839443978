"""The benchmarks by name. Each is a module of that name, which says in `TITLE` what it measures, and in `rows` how."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from benchmarks.harness.rows import Row
from benchmarks.harness.scene import Scene

WHERE = {
    **dict.fromkeys(
        (
            "counters",
            "five_steps",
            "earlier_outputs",
            "pause",
            "loop",
            "parallel",
            "cold_decide",
            "startup",
            "paused_runs",
        ),
        "engine",
    ),
    **dict.fromkeys(("decide_over_http", "listing", "agent_tools", "event_latency"), "callers"),
}


class Benchmark(Protocol):
    """What a module of a benchmark has."""

    TITLE: str

    @staticmethod
    async def rows(scene: Scene) -> list[Row]:
        """Measure it."""
        ...


def load(name: str) -> Benchmark:
    """
    Raises:
        KeyError: There is no such benchmark.
    """
    return cast("Benchmark", importlib.import_module(f"benchmarks.{WHERE[name]}.{name}"))

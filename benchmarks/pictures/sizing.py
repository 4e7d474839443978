"""How many workers: what one does in a second, from what a run and a step take of the CPU.

A worker is one process, and Python uses one core of it, so that a core is what it has; filled to `FILLED`, since a
queue grows without bound on its way to all of it. That is so by hand too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.growth.samples import Curve
from benchmarks.growth.worker import OURS
from benchmarks.pictures.table import DRAFT, machine_lines

FILLED = 0.7
"""Of a core."""

USED = ("steps", "pauses")
"""The curves."""

STEPS = 5
"""Of the runs in the table."""

SHORT, LONG = 1, 20
"""The runs from which a step's cost is told. In far longer ones a step costs more: its task names those before it."""

ACTIONS = (2, 1)
REQUESTS = (2, 2)
"""Of a run, and of each of its steps: counted on the page."""

MEMORY_MB = 1_024
"""For runs in memory, in the table."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the formulas are filled with: milliseconds of the CPU, and KiB."""

    run: float
    step: float
    pause: float
    server_run: float
    server_step: float
    memory: float

    def worker_ms(self, steps: int, pauses: int = 0) -> float:
        """What such a run takes of its worker."""
        return self.run + steps * self.step + pauses * self.pause

    def runs_a_second(self, workers: int, steps: int, pauses: int = 0) -> float:
        """How many such workers are good for, where the server keeps up and the steps themselves take no CPU."""
        return workers * FILLED * 1_000 / self.worker_ms(steps, pauses)

    def server_cores(self, runs_a_second: float, steps: int) -> float:
        return runs_a_second * (self.server_run + steps * self.server_step) / 1_000


def figures(curves: Mapping[str, Curve]) -> Figures:
    """From two lengths of a run: what the longer one takes more is its steps'."""
    steps, pauses = curves["steps"], curves["pauses"]
    sizes = steps.sizes(OURS)
    few, many = (SHORT, LONG) if {SHORT, LONG} <= {*sizes} else (sizes[0], sizes[-1])

    def run_and_step(figure: str) -> tuple[float, float]:
        short, long = (size * steps.at(figure, OURS, size) for size in (few, many))
        step = (long - short) / (many - few)
        return max(0.0, short - few * step), step

    run, step = run_and_step("worker CPU, ms per step")
    server_run, server_step = run_and_step("server CPU, ms per step")
    most = pauses.sizes(OURS)[-1]
    waits, decided = (
        pauses.at(name, OURS, most) for name in ("worker CPU, ms to come to wait", "worker CPU, ms per decision")
    )
    memory = pauses.at("memory, KiB per paused run", OURS, most)
    return Figures(run, step, max(0.0, waits + decided - run - step), server_run, server_step, memory)


def sizing_table(curves: Mapping[str, Curve]) -> str:
    """The figures, and what follows of them for one worker, ten and a hundred."""
    own, used = figures(curves), [curves[name] for name in USED]
    draft = [DRAFT] if any(one.small for one in used) else []
    return "\n\n".join([*draft, *machine_lines(one.machine for one in used), _figures(own), _workers(own)])


def _figures(own: Figures) -> str:
    rows = {
        "`run`: a run by itself": (f"{own.run:.1f} ms", f"{own.server_run:.1f} ms"),
        "`step`: a step": (f"{own.step:.1f} ms", f"{own.server_step:.1f} ms"),
        "`pause`: a pause and its decision": (f"{own.pause:.1f} ms", ""),
        "`memory`: a paused run in a worker's memory": (f"{own.memory:.0f} KiB", ""),
    }
    lines = ["| figure | worker | server |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {' | '.join(cells)} |" for what, cells in rows.items())])


def _workers(own: Figures) -> str:
    lines = [
        f"| workers | runs of {STEPS} steps a second | steps a second | actions a second | requests a second "
        f"| cores of the server | runs in {MEMORY_MB // 1_024} GB each |",
        "|---|---|---|---|---|---|---|",
    ]
    for workers in (1, 10, 100):
        runs = own.runs_a_second(workers, STEPS)
        actions, requests = (runs * (run + STEPS * step) for run, step in (ACTIONS, REQUESTS))
        kept = workers * MEMORY_MB * 1_024 / own.memory
        cells = (runs, runs * STEPS, actions, requests, own.server_cores(runs, STEPS), kept)
        lines.append(f"| {workers} | {' | '.join(_rounded(one) for one in cells)} |")
    return "\n".join(lines)


def _rounded(value: float) -> str:
    """Two figures: more would claim what nobody knows.

    >>> _rounded(12345.6), _rounded(87.2), _rounded(0.73)
    ('12,000', '87', '0.73')
    """
    return f"{float(f'{value:.2g}'):,.2f}".rstrip("0").rstrip(".")

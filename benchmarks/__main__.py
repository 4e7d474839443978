"""The command: ``python -m benchmarks --only five_steps --pairs 10``."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from agno_temporal.connect.leaving import leave
from benchmarks.catalogue import WHERE, load
from benchmarks.harness.command import asked
from benchmarks.harness.machine import machine
from benchmarks.harness.report import add_to_json, print_table
from benchmarks.harness.server import staged


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ours beside what is written by hand.")
    parser.add_argument("--pairs", type=int, default=10, help="how many pairs of rounds")
    parser.add_argument("--size", type=int, help="of paused_runs, how many; of listing, how many rows")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="where the samples go")
    names, given = asked(parser, "benchmark", WHERE)
    if given.pairs < 1:
        parser.error("--pairs is at least 1")
    asyncio.run(_run(names, given))
    return 0


async def _run(names: Sequence[str], given: argparse.Namespace) -> None:
    """Each on a server of its own. What is done is written at once: the next one may take long."""
    for name in names:
        about, began = machine(), time.monotonic()
        benchmark = load(name)
        async with staged(given.pairs, full=not given.small, size=given.size, share=given.share / 100) as scene:
            rows = await benchmark.rows(scene)
        print_table(f"{name}: {benchmark.TITLE}, in {time.monotonic() - began:.0f} s", rows)
        add_to_json(given.json, name, benchmark.TITLE, about, rows, small=given.small)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    leave(main())

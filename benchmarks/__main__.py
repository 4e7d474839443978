"""The command: ``python -m benchmarks --only five_steps --pairs 10``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from agno_temporal.connect.leaving import leave
from benchmarks.catalogue import WHERE, load
from benchmarks.harness.machine import machine
from benchmarks.harness.report import print_table, write_json
from benchmarks.harness.rows import Row
from benchmarks.harness.server import staged


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ours beside what is written by hand.")
    parser.add_argument("--only", metavar="NAME,...", help=f"some of: {', '.join(WHERE)}")
    parser.add_argument("--pairs", type=int, default=10, help="how many pairs of rounds")
    parser.add_argument("--small", action="store_true", help="small sizes: it runs, and its figures mean little")
    parser.add_argument("--size", type=int, help="of paused_runs, how many; of listing, how many rows")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="where the samples go")
    given = parser.parse_args()
    names = given.only.split(",") if given.only else list(WHERE)
    if unknown := [name for name in names if name not in WHERE]:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(WHERE)}")
    if given.pairs < 1:
        parser.error("--pairs is at least 1")
    asyncio.run(_run(names, given.pairs, full=not given.small, size=given.size, json=given.json))
    return 0


async def _run(names: Sequence[str], pairs: int, *, full: bool, size: int | None, json: Path) -> None:
    """Each on a server of its own. What is done is written at once: the next one may take long."""
    about, found = machine(), dict[str, list[Row]]()
    for name in names:
        benchmark = load(name)
        async with staged(pairs, full=full, size=size) as scene:
            found[name] = await benchmark.rows(scene)
        print_table(f"{name}: {benchmark.TITLE}", found[name])
        write_json(json, about, found)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    leave(main())

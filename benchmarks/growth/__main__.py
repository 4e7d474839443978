"""The command: ``python -m benchmarks.growth --only steps,loop --rounds 3``."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path

from agno_temporal.connect.leaving import leave
from benchmarks.growth.curves import CURVES
from benchmarks.growth.samples import add_to_json
from benchmarks.harness.command import asked
from benchmarks.harness.machine import machine
from benchmarks.harness.server import staged


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="How what a run costs grows.")
    parser.add_argument("--rounds", type=int, default=3, help="how many rounds of each point")
    parser.add_argument("--json", type=Path, default=Path("growth.json"), help="where the samples go")
    names, given = asked(parser, "curve", CURVES)
    if given.rounds < 1:
        parser.error("--rounds is at least 1")
    asyncio.run(_run(names, given))
    return 0


async def _run(names: list[str], given: argparse.Namespace) -> None:
    """Each on a server of its own. What is done is written at once."""
    for name in names:
        about, began = machine(), time.monotonic()
        async with staged(given.rounds, full=not given.small, share=given.share / 100) as scene:
            curve = await CURVES[name](scene)
        add_to_json(given.json, name, replace(curve, machine=about, small=given.small))
        print(f"{name}: in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    leave(main())

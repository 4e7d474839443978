"""The long form: ``python -m tests.soak --pauses 10000 --minutes 60``."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from agno_temporal.connect.leaving import leave
from tests.soak.soaking import soak

MAY_GROW = 1.1


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep pauses open, decide them, and kill workers.")
    parser.add_argument("--pauses", type=int, default=10_000, help="how many are open at a time")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--kill-every", type=float, default=60, metavar="SECONDS", help="how often a worker is killed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        soaked = asyncio.run(
            soak(Path(directory), pauses=given.pauses, seconds=60 * given.minutes, kill_every=given.kill_every)
        )
    print(soaked, *soaked.lost[:20], sep="\n")
    return 0 if not soaked.lost and soaked.growth <= MAY_GROW else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    leave(main())

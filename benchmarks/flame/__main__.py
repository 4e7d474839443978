"""The command: ``python -m benchmarks.flame --runs 2000``. It needs py-spy (the extra ``bench``).

py-spy looks at the stacks of Python alone, and here at the thread that has its lock. What the SDK's core takes, which
is Rust with threads of its own, is told by the CPU time of the threads.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agno_temporal.connect.leaving import leave
from benchmarks.engine.five_steps import AT_ONCE, five_steps
from benchmarks.flame.stacks import parsed
from benchmarks.harness.clock import per_second
from benchmarks.harness.machine import machine
from benchmarks.harness.processes import cpu, line, nanoseconds_of_threads
from benchmarks.harness.scene import Ours
from benchmarks.harness.server import staged

QUEUE = "flame"

A_SECOND = 100
"""Samples."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flame", description="Where the time of a run goes.")
    parser.add_argument("--runs", type=int, default=2_000, help="how many are sampled")
    parser.add_argument("--json", type=Path, default=Path("flame.json"), help="where the stacks go")
    given = parser.parse_args()
    if given.runs < 1:
        parser.error("--runs is at least 1")
    spy = shutil.which("py-spy")
    if spy is None:
        parser.error("there is no py-spy on the PATH: pip install -e '.[bench]'")
    found = asyncio.run(_run(spy, given.runs))
    given.json.write_text(json.dumps(found) + "\n")
    print(f"{given.runs} runs, {found['worker_ms']:.2f} ms of the CPU a run: {found['threads_ms']}")
    return 0


async def _run(spy: str, runs: int) -> dict[str, Any]:
    """The stacks, and what a run took."""
    about = machine()
    workflow = five_steps("five-steps")
    with tempfile.TemporaryDirectory() as directory:
        raw = Path(directory) / "stacks"
        async with staged(full=True) as scene:
            side = Ours(scene.client, QUEUE)
            with _sampled(spy, raw, scene.address) as process:
                worker = await asyncio.to_thread(_its_pid, process)
                await per_second(lambda: side.run(workflow, "a request"), min(runs, AT_ONCE), AT_ONCE)
                before, threads_before = cpu(worker), nanoseconds_of_threads(worker)
                await per_second(lambda: side.run(workflow, "a request"), runs, AT_ONCE)
                whole, threads = cpu(worker) - before, nanoseconds_of_threads(worker) - threads_before
        stacks = parsed(raw.read_text().splitlines())
    return {
        "machine": about,
        "runs": runs,
        "worker_ms": 1_000 * whole / runs,
        "threads_ms": {name: taken / 1e6 / runs for name, taken in sorted(threads.items())},
        "stacks": [[*stack, count] for stack, count in sorted(stacks.items())],
    }


@contextmanager
def _sampled(spy: str, raw: Path, address: str) -> Iterator[subprocess.Popen[str]]:
    """A worker under py-spy, which has started it: so it may look at it without being root."""
    command = [spy, "record", "--format", "raw", "--function", "--threads", "--gil", "--rate", str(A_SECOND)]
    worker = [sys.executable, "-m", "benchmarks.flame.worker", address, QUEUE]
    arguments = [*command, "--output", str(raw), "--", *worker]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.communicate()  # The end of its input is the end of the worker, and so of the sampling.


def _its_pid(process: subprocess.Popen[str]) -> int:
    """What the worker says once it works. py-spy itself has some words before."""
    while not (said := line(process)).isdigit():
        pass
    return int(said)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    leave(main())

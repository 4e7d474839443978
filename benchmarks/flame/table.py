"""The shares of a flame graph as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from benchmarks.flame.stacks import OTHERS, OWNERS, Stack, shares

NAMES = {"agno_temporal": "this package", "agno": "agno", "temporalio": "Temporal's SDK", OTHERS: OTHERS}

PYTHON = "python"
"""How the kernel calls the threads of Python; the core's have names of their own."""


def stacks_of(found: Mapping[str, Any]) -> Counter[Stack]:
    """As they stand in the JSON."""
    return Counter({tuple(stack): count for *stack, count in found["stacks"]})


def flame_table(found: Mapping[str, Any]) -> str:
    """In milliseconds a run: of Python, shared out by the samples, and of the SDK's core."""
    python = sum(taken for name, taken in found["threads_ms"].items() if name.startswith(PYTHON))
    core = found["worker_ms"] - python
    owners = (*OWNERS, OTHERS)
    lines = [
        f"| ms of the CPU in a run of 5 steps | {' | '.join(NAMES[one] for one in owners)} |",
        f"|---|{'---|' * len(owners)}",
    ]
    for thread, of_owners in shares(stacks_of(found)).items():
        lines.append(f"| {thread} | {' | '.join(f'{python * of_owners[one]:.2f}' for one in owners)} |")
    said = (
        f"{found['runs']:,} runs, 50 at once: {found['worker_ms']:.1f} ms of the worker's CPU in a run, of which "
        f"{python:.1f} ms are Python's and {core:.1f} ms the SDK's core's, which is no Python and not in the picture."
    )
    return f"{said}\n\n" + "\n".join(lines)

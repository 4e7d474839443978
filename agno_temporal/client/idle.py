"""Workers that poll and are given no new run: why, and what to do.

They are easily taken for workers that hang. Temporal hands each run to a version, and says nothing to those of others.
"""

from __future__ import annotations

from dataclasses import dataclass

from agno_temporal.connect.versioning import given_to_none, made_current
from agno_temporal.follow.pollers import Polled


@dataclass(frozen=True)
class Idle:
    """Why the workers of a queue begin no run.

    Attributes:
        why: Half a sentence that names the queue and the version.
        do: What has runs begin.
        command: The command for it.
    """

    why: str
    do: str
    command: str


def idle(task_queue: str, known: Polled) -> Idle | None:
    """None where some take runs, and where nobody polls at all."""
    if known.taking:
        return None
    who = f"the workers on task queue {task_queue!r}"
    if (unused := known.unused) is not None:
        are = f"are of version {unused.to_canonical_string()!r}, which is not the current one"
        return Idle(f"{who} {are}", "Make it the current one", made_current(unused))
    if known.passed_over:
        name = known.current.to_canonical_string()
        are = f"are of no version, and all runs go to {name!r}, of which no worker is there"
        do = "Start workers of it, or give its runs to those of no version"
        return Idle(f"{who} {are}", do, given_to_none(known.current))
    return None

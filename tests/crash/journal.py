"""What steps really did, in a file that outlives the process that did it.

A result in history proves that a step was recorded, not how often it ran. So every step writes a line when it begins
and when it ends, before anything of Temporal's knows of it, and the tests count lines. The journal's directory is the
run's input, so that steps in any process find it.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity

from tests.support import eventually

HELD_FOR = 60.0


@dataclass(frozen=True)
class Line:
    event: str
    step: str
    """The activity's id: the step's path and its occurrence."""
    pid: int
    at: float


class Journal:
    """Lines that are on the disk when `write` returns."""

    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)

    def write(self, event: str) -> None:
        line = f"{event} {activity.info().activity_id} {os.getpid()} {time.time()}\n"
        descriptor = os.open(self.directory / "journal", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def lines(self, event: str | None = None, step: str | None = None) -> list[Line]:
        try:
            rows = (self.directory / "journal").read_text().splitlines()
        except FileNotFoundError:
            return []
        lines = [Line(kind, where, int(pid), float(at)) for kind, where, pid, at in map(str.split, rows)]
        return [line for line in lines if event in (None, line.event) and step in (None, line.step)]

    def count(self, event: str, step: str) -> int:
        return len(self.lines(event, step))

    def steps(self, event: str) -> list[str]:
        """The steps of an event's lines, in their order."""
        return [line.step for line in self.lines(event)]

    def release(self, name: str = "all") -> None:
        """Let go on what `is_released` holds up."""
        (self.directory / f"released-{name}").touch()

    def is_released(self, name: str = "all") -> bool:
        return (self.directory / f"released-{name}").exists()

    async def released(self) -> None:
        async def probe() -> bool:
            return self.is_released()

        await eventually("the release of what is held", probe, patience=HELD_FOR)

    async def seen(self, event: str, step: str, times: int = 1) -> None:
        async def enough() -> bool:
            return self.count(event, step) >= times

        await eventually(f"{times} x {event!r} of step {step}; so far: {self.lines()}", enough)

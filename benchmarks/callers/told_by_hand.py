"""The same by hand: a gate, a step that notes when it ends, one behind it, and a query that tells what has happened."""

from __future__ import annotations

import time
from typing import Any

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.engine.by_hand import OPTIONS
    from benchmarks.engine.pause_by_hand import Gated


@activity.defn
def ended() -> str:
    return str(time.monotonic())


@activity.defn
def more() -> str:
    return "more"


@workflow.defn
class Told(Gated):
    """The job."""

    def __init__(self) -> None:
        super().__init__()
        self._events: list[dict[str, Any]] = []

    @workflow.run
    async def run(self, request: str) -> str:
        self._events.append({"event": "StepPaused", "request": request})
        await self.decided()
        self._events.append({"event": "StepContinued"})
        for step in (ended, more):
            content = await workflow.execute_activity(step, **OPTIONS)
            self._events.append({"event": "StepCompleted", "content": content})
        return content

    @workflow.query
    def events(self, known: int) -> list[dict[str, Any]]:
        """Those behind so many."""
        return self._events[known:]

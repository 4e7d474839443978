"""What a step says while it runs, shown before it is durable, and not shown again when it is.

A preview has no number. Its step may be tried again and say something else, or be cancelled and have said nothing; a
reader who comes back asks by the last number that it has, and so misses nothing. A preview is shown once its step is
known to have started, so that the order is agno's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agno_temporal.activities.broadcast import Listener
from agno_temporal.agno_bridge.events import place_in_run
from agno_temporal.agno_bridge.executor_events import Reader
from agno_temporal.contract.events import EXECUTOR, Event, EventPage


@dataclass(slots=True)
class _Step:
    """A step that runs, and what of its last attempt was shown."""

    started: Event
    page: EventPage
    attempt: int = 0
    shown: int = 0
    reader: Reader | None = None


class Previews:
    """The previews of one reader's run."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._steps: dict[str, _Step] = {}

    def skips(self, page: EventPage) -> dict[str, int]:
        """How many of each executor's events on a page were shown already, by activity. Notes which steps start, and
        forgets those that are done."""
        skipped: dict[str, int] = {}
        for event in page.events:
            if event.kind == EXECUTOR and event.activity_id is not None:
                step = self._steps.get(event.activity_id)
                if step is not None and step.attempt == event.attempt:
                    skipped[event.activity_id] = step.shown
                continue
            self._forget(event.path)
            if event.kind in ("StepStarted", "StepExecutorContinued") and event.activity_id is not None:
                self._steps[event.activity_id] = _Step(event, page)
        return skipped

    def _forget(self, path: str) -> None:
        """What ran there runs no longer, however it ended: a place in the plan runs one activity at a time."""
        for activity_id in [one for one, step in self._steps.items() if step.started.path == path]:
            del self._steps[activity_id]

    def new(self) -> Iterator[Any]:
        """What was said since the last time."""
        for activity_id, step in self._steps.items():
            saying = self._listener.saying(activity_id)
            if saying is None:
                continue
            if saying.attempt != step.attempt or step.reader is None:
                step.attempt, step.shown, step.reader = saying.attempt, 0, Reader(lenient=True)
            while step.shown < len(saying.events):
                event = step.reader.read(saying.events[step.shown])
                step.shown += 1
                place_in_run(event, step.started, step.page)
                yield event

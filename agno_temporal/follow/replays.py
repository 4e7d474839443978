"""What replays have answered, kept for as long as the run does not move: one of 1,000 events takes a second of a CPU.

What no query can carry is asked for by whoever reads the run, and all who wait for it ask at the same moment. But an
answer follows from the history alone. So the history is read for each question, since who asks after a decision is to
see it there; but one that is as it was is not replayed again, and a run's questions are taken one after the other.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Final, TypeAlias
from weakref import WeakValueDictionary

from temporalio.client import Client, WorkflowHistory

from agno_temporal.contract.events import EventPage, EventsAsked
from agno_temporal.contract.manifest import Manifest
from agno_temporal.follow.recorded import recorded
from agno_temporal.follow.replayed import manifest_of, page_of
from agno_temporal.plan.data import Json

KEPT_BYTES: Final = 32 * 1024 * 1024
"""Of answers, as text, the newest. One that is too large for a query may have ten megabytes."""

Place: TypeAlias = tuple[int, int]
"""Where a history ends: its last event's number and time, which differs after a reset."""

Question: TypeAlias = tuple[str, EventsAsked | None]
"""A run's id, and which events are asked for; None for its manifest."""


class Replays:
    """The replays of one client. Answers are kept as text: each reader has objects of its own."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kept: dict[Question, tuple[Place, str]] = {}
        self._turns: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    async def page_of(self, run_id: str, asked: EventsAsked) -> EventPage:
        """As `replayed.page_of`."""
        async with self._turn(run_id):
            return await page_of(self._client, run_id, asked, _Answers(self, (run_id, asked)))

    async def manifest_of(self, run_id: str) -> Manifest | None:
        """As `replayed.manifest_of`."""
        async with self._turn(run_id):
            return await manifest_of(self._client, run_id, _Answers(self, (run_id, None)))

    def kept(self, question: Question, place: Place) -> Json:
        """What was answered when the history ended there; None if nothing was, or it is not kept."""
        before, text = self._kept.get(question, (None, ""))
        return json.loads(text) if before == place else None

    def keep(self, question: Question, place: Place, answer: Json) -> None:
        """A new dictionary each time, since the clients of several event loops may share this."""
        kept: dict[Question, tuple[Place, str]] = {}
        room = KEPT_BYTES
        for one, (at, text) in ((question, (place, json.dumps(answer))), *self._kept.items()):
            if one not in kept and (room := room - len(text)) >= 0:
                kept[one] = (at, text)
        self._kept = kept

    def _turn(self, run_id: str) -> asyncio.Lock:
        """Each event loop has its own."""
        return self._turns.setdefault((id(asyncio.get_running_loop()), run_id), asyncio.Lock())


@dataclass(frozen=True, slots=True)
class _Answers:
    """Those to one question."""

    replays: Replays
    question: Question

    def known(self, history: WorkflowHistory) -> Json:
        place = _end_of(history)
        return None if place is None else self.replays.kept(self.question, place)

    def learn(self, history: WorkflowHistory, answer: Json) -> None:
        if (place := _end_of(history)) is not None:
            self.replays.keep(self.question, place, answer)


def _end_of(history: WorkflowHistory) -> Place | None:
    if (known := recorded(history)) is None:
        return None
    last = known.events[-1]
    return last.event_id, last.event_time.ToNanoseconds()

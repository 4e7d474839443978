"""A run's events for all its readers in this process: one poll, and one question for each beat of it.

Readers that have seen the same events ask the same question, and get one answer. A reader who joins late catches up by
itself, page by page. Where no worker answers, or the one that does has not the key, the history is replayed
(`follow.replayed`), and asked again in a while: events are not lost with a worker, they wait for the next one.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar
from weakref import WeakValueDictionary

from agno.run.workflow import WorkflowRunOutput
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import MissingOutput, read_request
from agno_temporal.agno_bridge.bodies import Bodies, BodyMismatch
from agno_temporal.agno_bridge.events import EventReader
from agno_temporal.contract import names
from agno_temporal.contract.events import EXECUTOR, Event, EventPage, EventsAsked
from agno_temporal.contract.outputs import bare
from agno_temporal.contract.request import RunRequest
from agno_temporal.follow.asking import AnswerTooLarge, query
from agno_temporal.follow.away import AWAY
from agno_temporal.follow.errors import Locked, RunPutBack
from agno_temporal.follow.mending import described, was_reset
from agno_temporal.follow.parts import parted
from agno_temporal.follow.pulse import Pulse
from agno_temporal.follow.replays import Replays
from agno_temporal.follow.results import Results
from agno_temporal.follow.unasked import Unasked
from agno_temporal.plan.data import from_json, to_json

T = TypeVar("T")

ANSWER_TIMEOUT: Final = timedelta(seconds=10)
"""How long a worker may take to answer. After a kill the first question may be lost for a second."""

_UNANSWERED: Final = AWAY | {RPCStatusCode.FAILED_PRECONDITION}


class Feeds:
    """The feeds of one client. Each event loop has its own: a feed's tasks live on it."""

    def __init__(self, client: Client, replays: Replays) -> None:
        self.client = client
        self._replays = replays
        self._feeds: dict[tuple[asyncio.AbstractEventLoop, str], Feed] = {}
        self._unasked = Unasked()

    @asynccontextmanager
    async def of(self, run_id: str) -> AsyncIterator[Feed]:
        """The feed of a run, for as long as the block lasts. That of a run which was reset since is left to those who
        read it already, and who are told when they come to that."""
        key = (asyncio.get_running_loop(), run_id)
        feed = self._feeds.get(key)
        if feed is None or await self._is_left(feed, run_id):
            self._forget_closed()
            feed = self._feeds[key] = Feed(self.client, run_id, self._replays, self._unasked)
        feed.readers += 1
        try:
            yield feed
        finally:
            feed.readers -= 1
            if not feed.readers:
                if self._feeds.get(key) is feed:
                    del self._feeds[key]
                await feed.pulse.stop()

    def _forget_closed(self) -> None:
        """Let go of what loops had that were closed under their readers, who could not say that they leave."""
        for key in [one for one in list(self._feeds) if one[0].is_closed()]:
            self._feeds.pop(key, None)

    async def _is_left(self, feed: Feed, run_id: str) -> bool:
        """Whether its poll has failed, as it does where the run is reset, or is over though the run goes on."""
        if not feed.pulse.closed:
            return feed.pulse.failed
        return (await described(self.client, run_id)).status is WorkflowExecutionStatus.RUNNING


@dataclass(frozen=True)
class Made(Generic[T]):
    """What was made of a page."""

    page: EventPage
    what: T


class Feed:
    """One run's events. `readers` counts who follows it."""

    def __init__(self, client: Client, run_id: str, replays: Replays, unasked: Unasked) -> None:
        self.readers = 0
        self.pulse = Pulse(client, run_id)
        self._client = client
        self._run_id = run_id
        self._request: RunRequest | None = None
        self._results = Results(client, run_id)
        self._asking = asyncio.Lock()
        self._answered: tuple[int, int, EventPage] | None = None
        self._rest: tuple[int, int, EventPage] | None = None
        self._making = asyncio.Lock()
        self._made: WeakValueDictionary[int, Made[Any]] = WeakValueDictionary()
        self._made_last: Made[Any] | None = None
        self._looking = asyncio.Lock()
        self._looked = -math.inf
        self._replays = replays
        self._unasked = unasked

    async def page(self, after: int, beat: int) -> EventPage:
        """The events after a number, as of a beat: as many as a reader is given at once.

        Raises:
            RPCError: The run is not there.
            RunPutBack: It has no event of this number any more.
        """
        async with self._asking:
            if self._answered is not None and self._answered[:2] == (after, beat):
                return self._answered[2]
            if self._rest is not None and self._rest[:2] == (after, beat):
                whole = self._rest[2]
            else:
                whole = await self._ask_on(EventsAsked(after))
            page, rest = parted(whole)
            self._answered = (after, beat, page)
            self._rest = (page.events[-1].end - 1, beat, rest) if rest.events else None
            return page

    async def page_now(self, asked: EventsAsked) -> EventPage:
        """As `page`, of now: where nobody listens for beats, and for who knows that the run has ended. The beat that
        tells of it may still be on its way, and what was answered before it lacks the last events.

        Raises:
            As `page`.
        """
        return parted(await self._ask_on(asked))[0]

    async def made_once(self, page: EventPage, after: int, make: Callable[[], Awaitable[T]]) -> Made[T]:
        """What is made of a page that `page` gave for this number: by the first reader who comes to it, for all. It is
        held by those who read it, and here for who comes next: others may be far behind, or ahead."""
        async with self._making:
            made = self._made.get(after)
            if made is None or made.page != page:
                made = self._made[after] = Made(page, await make())
            self._made_last = made
            return made

    async def look(self, every: float, look: Callable[[], Awaitable[None]]) -> None:
        """Look whether the run is in trouble, unless another reader has within so many seconds."""
        async with self._looking:
            if time.monotonic() >= self._looked + every:
                await look()
                self._looked = time.monotonic()

    async def latest(self, after: int) -> EventPage:
        """The events after a number, as of now."""
        return await self._ask(EventsAsked(after))

    async def events(
        self,
        page: EventPage,
        after: int,
        skips: Mapping[str, int],
        run_of: Callable[[], Awaitable[tuple[WorkflowRunOutput, bool]]],
    ) -> AsyncGenerator[tuple[int, Any], None]:
        """agno's events of a page, each with its number.

        Args:
            skips: How many of an executor's events are known already, by activity.
            run_of: Reads the whole run, and whether it was ever continued: asked where the run has ended.

        Raises:
            RunPutBack: It was reset since the page was answered.
        """
        bodies = Bodies(page, lenient=True)
        try:
            await self._results.fill(bodies, page)
        except (BodyMismatch, MissingOutput) as error:
            if await self._still_says(page, after):
                raise
            raise RunPutBack(self._run_id) from error
        run: WorkflowRunOutput | None = None
        continued = False
        if any(event.kind == "WorkflowCompleted" and not event.run for event in page.events):
            run, continued = await run_of()
        reader = EventReader(page, bodies, await self._own_request(), run, continued)
        for fact in page.events:
            known = skips.get(fact.activity_id or "", 0) if fact.kind == EXECUTOR else 0
            for number, event in enumerate(reader.read(fact), fact.index):
                if number > after and number >= fact.index + known:
                    event.event_index = number
                    yield number, event

    async def _ask_on(self, asked: EventsAsked) -> EventPage:
        """For a reader who has the events up to this number.

        Raises:
            RunPutBack: There is none of this number any more.
        """
        page = await self._ask(asked)
        if asked.after >= page.total and await was_reset(self._client, self._run_id):
            raise RunPutBack(self._run_id)
        return page

    async def _ask(self, asked: EventsAsked) -> EventPage:
        """A run that no worker answered for is replayed whatever is asked of it; one that said too much, for the same
        question alone: the events behind these are others."""
        silent, too_large = self._run_id, (self._run_id, asked)
        if silent not in self._unasked and too_large not in self._unasked:
            handle = self._client.get_workflow_handle(self._run_id)
            try:
                answer = await query(self._client, handle, names.EVENTS, to_json(asked), patience=ANSWER_TIMEOUT)
                return from_json(EventPage, answer)
            except AnswerTooLarge:
                self._unasked.note(too_large)
            except Locked:  # Here the key may be known.
                self._unasked.note(silent)
            except RPCError as error:
                if error.status not in _UNANSWERED:
                    raise
                self._unasked.note(silent)
        return await self._replays.page_of(self._run_id, asked)

    async def _still_says(self, page: EventPage, after: int) -> bool:
        """Whether the run still has the events of a page, which are those after this number. Which outputs are on the
        page itself depends on where the page began that this one is a part of."""
        now = await self._ask(EventsAsked(after))
        return [_bare(event) for event in now.events[: len(page.events)]] == [_bare(event) for event in page.events]

    async def _own_request(self) -> RunRequest:
        if self._request is None:
            self._request = await read_request(self._client, self._run_id, None)
        return self._request


def _bare(event: Event) -> Event:
    output = None if event.output is None else bare(event.output)
    return replace(event, output=output, outputs=tuple(map(bare, event.outputs)))

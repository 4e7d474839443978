"""Following a run's events by their numbers.

A reader's place is a number and nothing else, so that it goes on in any process, whatever was killed meanwhile. What
the readers of one process have in common is kept here: a run is polled once, however many follow it.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError

from agno_temporal.client.waiting import Waiting
from agno_temporal.contract import names
from agno_temporal.contract.events import EventPage, EventsAsked
from agno_temporal.follow.errors import RunPutBack, not_found
from agno_temporal.follow.feed import Feeds
from agno_temporal.follow.forms import Form, Line, Lines, Objects
from agno_temporal.follow.reader import read, told
from agno_temporal.follow.so_far import SoFar, read_so_far

T = TypeVar("T")


class Following(Waiting):
    """The part of a client that follows runs."""

    def __init__(
        self, client: Client, task_queue: str = names.TASK_QUEUE, *, answer_timeout: timedelta | None = None
    ) -> None:
        super().__init__(client, task_queue, answer_timeout=answer_timeout)
        self._feeds = Feeds(client, self._replays)

    def events(
        self, run_id: str, after: int = -1, *, previews: bool = False, to_a_pause: bool = False
    ) -> AsyncGenerator[tuple[int | None, Any], None]:
        """Follow a run to its end, over all its pauses: agno's own events, each with its number.

        Numbers begin at 0 and have no gaps. Whoever has seen one goes on from there, in any process, whatever was
        killed meanwhile: nothing is repeated, and nothing is missing. Leaving the loop does not touch the run.

        Args:
            after: The last number that is known already.
            previews: What a step says while it runs in this process is shown at once, with None for its number, and
                not again when it has one.
            to_a_pause: End where only a decision can move the run.

        Raises:
            RunNotFound: There is no such run.
            NoWorker: It was never begun, and nobody is there to do so.
            RunPutBack: It was reset meanwhile, or after the number that is known.
        """
        return self._read(run_id, after, Objects(), previews=previews, to_a_pause=to_a_pause)

    def lines(
        self, run_id: str, after: int = -1, *, previews: bool = False, to_a_pause: bool = False
    ) -> AsyncGenerator[tuple[int | None, Line], None]:
        """`events` as they are sent to clients: a line is made once, for all who follow the run in this process."""
        return self._read(run_id, after, Lines(run_id), previews=previews, to_a_pause=to_a_pause)

    def leg(
        self, run_id: str, after: int = -1, *, stream_events: bool = True, previews: bool = True
    ) -> AsyncGenerator[tuple[int | None, Any], None]:
        """`events` with previews, until the run has ended, or until only a decision can move it.

        Args:
            stream_events: All of agno's events; else those that it yields with `stream=True` alone.
        """
        return self._read(run_id, after, Objects(stream_events), previews=previews, to_a_pause=True)

    async def events_so_far(self, run_id: str, after: int = -1, limit: int = 100) -> SoFar:
        """Some of the events after a number that there are now: for who asks again and again.

        Raises:
            RunNotFound: There is no such run.
            RunPutBack: It was reset, and has no event of this number any more.
        """
        closed = not await self.is_open(run_id)
        try:
            return await read_so_far(self._feeds, self, run_id, after, limit, closed)
        except RPCError as error:
            raise not_found(run_id, error) from error

    async def is_over(self, run_id: str, after: int) -> bool:
        """Whether no event will come after this number any more.

        Raises:
            RunNotFound: There is no such run.
        """
        if await self.is_open(run_id):
            return False
        async with self._feeds.of(run_id) as feed:
            try:
                return (await feed.page_now(EventsAsked(after, limit=1))).total <= after + 1
            except RunPutBack:
                return False  # It has less events, and others.

    async def event_count(self, run_id: str) -> int:
        """How many events the run has had so far: the number that the next one will get."""
        return (await self.standing(run_id)).total

    async def standing(self, run_id: str) -> EventPage:
        """How far the run is, as its events tell: without a worker too. No events are on this page."""
        async with self._feeds.of(run_id) as feed:
            try:
                return await feed.latest(sys.maxsize)
            except RPCError as error:
                raise not_found(run_id, error) from error

    async def told(self, run_id: str, after: int = -1) -> list[tuple[int, Any]]:
        """The events so far after a number, each with its own. Waits for nothing.

        Raises:
            RunNotFound: There is no such run.
            RunPutBack: It was reset while they were read.
        """
        try:
            return await told(self._feeds, self, run_id, after)
        except RPCError as error:
            raise not_found(run_id, error) from error

    async def _read(
        self, run_id: str, after: int, form: Form[T], *, previews: bool, to_a_pause: bool
    ) -> AsyncGenerator[tuple[int | None, T], None]:
        numbered = read(self._feeds, self, run_id, after, form, previews=previews, to_a_pause=to_a_pause)
        try:
            async with aclosing(numbered) as events:
                async for one in events:
                    yield one
        except RPCError as error:
            raise not_found(run_id, error) from error

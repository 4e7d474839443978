"""One reader of a run: events by their numbers, from wherever it comes in, to the run's end or its next pause."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from agno.run.workflow import WorkflowRunOutput
from temporalio.service import RPCError

from agno_temporal.activities.broadcast import BROADCAST, Listener, run_of
from agno_temporal.contract.events import EventPage
from agno_temporal.follow.away import is_away
from agno_temporal.follow.feed import Feed, Feeds
from agno_temporal.follow.forms import Form
from agno_temporal.follow.previews import Previews
from agno_temporal.follow.pulse import AGAIN_AFTER

T = TypeVar("T")

TROUBLE_AFTER: Final = 10.0
"""Seconds of silence before it is asked whether anybody has to do something: by one of a run's readers, for all."""


class Runs(Protocol):
    """What a reader must know of runs beside their events."""

    async def ended(self, run_id: str) -> tuple[WorkflowRunOutput, bool]:
        """The run as it ended, and whether it was ever continued."""

    async def settle(self, run_id: str) -> None:
        """Wait until the run has ended, or only a decision can move it."""

    async def check_for_trouble(self, run_id: str, started: bool) -> None:
        """Say what an operator has to mend. Raises where nobody is there to start the run."""


async def read(
    feeds: Feeds,
    runs: Runs,
    run_id: str,
    after: int,
    form: Form[T],
    *,
    to_a_pause: bool = False,
    previews: bool = False,
) -> AsyncGenerator[tuple[int | None, T], None]:
    """The run's events after a number, each with its own; previews with None.

    Args:
        to_a_pause: End where only a decision can move the run.
        previews: Show what a step of this process says before it is durable.
    """
    async with feeds.of(run_id) as feed:
        with ExitStack() as stack:
            listener = stack.enter_context(BROADCAST.listening(run_of(feeds.client, run_id))) if previews else None
            shown = Previews(listener) if listener else None
            beat, page = 0, EventPage()
            while True:
                before, beat = beat, await _next_beat(feed, runs, run_id, beat, listener)
                more = beat > before
                while more:
                    page = await _page(feed, after, beat)
                    skips = shown.skips(page) if shown else {}
                    async for numbered in form.of_page(feed, page, after, skips, partial(runs.ended, run_id)):
                        yield numbered
                    after = max([after, *(event.end - 1 for event in page.events[-1:])])
                    more = after + 1 < page.total
                if beat > before and (page.ended or feed.pulse.is_last(beat)):
                    return
                for event in shown.new() if shown else ():
                    for told_now in form.of_preview(page, event):
                        yield None, told_now
                if beat > before and to_a_pause and page.settled:
                    await runs.settle(run_id)
                    if (await feed.latest(after)).total <= after + 1:
                        return


async def told(feeds: Feeds, runs: Runs, run_id: str, after: int) -> list[tuple[int, Any]]:
    """The run's events so far after a number, each with its own."""
    numbered: list[tuple[int, Any]] = []
    async with feeds.of(run_id) as feed:
        while True:
            page = await feed.latest(after)
            numbered += [one async for one in feed.events(page, after, {}, partial(runs.ended, run_id))]
            after = max([after, *(event.end - 1 for event in page.events[-1:])])
            if not page.events or after + 1 >= page.total:
                return numbered


async def _page(feed: Feed, after: int, beat: int) -> EventPage:
    """The events after a number, as soon as Temporal is there to be asked."""
    while True:
        try:
            return await feed.page(after, beat)
        except RPCError as error:
            if not is_away(error):
                raise
        await asyncio.sleep(AGAIN_AFTER)


async def _check(runs: Runs, run_id: str, started: bool) -> None:
    """Whether somebody has to mend the run; nobody knows while Temporal is away."""
    try:
        await runs.check_for_trouble(run_id, started)
    except RPCError as error:
        if not is_away(error):
            raise


async def _next_beat(feed: Feed, runs: Runs, run_id: str, beat: int, listener: Listener | None) -> int:
    """Wait until something may have happened, or was said; the latter is no new beat."""
    beats = asyncio.ensure_future(feed.pulse.after(beat))
    waits: list[asyncio.Future[Any]] = [beats]
    if listener is not None:
        waits.append(asyncio.ensure_future(listener.heard()))
    try:
        while not (await asyncio.wait(waits, timeout=TROUBLE_AFTER, return_when=asyncio.FIRST_COMPLETED))[0]:
            await feed.look(TROUBLE_AFTER / 2, partial(_check, runs, run_id, beat > 0))
        return beats.result() if beats.done() else beat
    finally:
        for wait in waits:
            wait.cancel()

"""A run's events as of now, for who cannot keep a connection open and asks again and again.

A page is bounded by what it holds and by its size: an event may hold an output of megabytes.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final

from agno_temporal.agno_bridge.event_text import event_text
from agno_temporal.agno_bridge.shown_events import is_shown
from agno_temporal.contract.events import EventsAsked
from agno_temporal.follow.feed import Feeds
from agno_temporal.follow.reader import Runs

MAX_BYTES: Final = 4_000_000
"""Of a page: beyond it, it has no further event."""


@dataclass(frozen=True)
class SoFar:
    """Some of a run's events.

    Attributes:
        events: Each as agno's JSON, in one line.
        after: The number to ask on from.
        more: There are further ones already.
        ended: There will be no more than these.
    """

    events: tuple[str, ...]
    after: int
    more: bool
    ended: bool


async def read_so_far(feeds: Feeds, runs: Runs, run_id: str, after: int, limit: int, closed: bool) -> SoFar:
    """
    Args:
        limit: At most so many events.
        closed: The run had ended before this was called, in whatever way.

    Raises:
        RPCError: The run is not there.
    """
    found: list[str] = []
    async with feeds.of(run_id) as feed:
        shared = feed.pulse.beats and not closed  # With those who follow the run, and hear when it goes on.
        page = await (feed.page(after, feed.pulse.beats) if shared else feed.page_now(EventsAsked(after)))
        size, cut = 0, False
        async with aclosing(feed.events(page, after, {}, partial(runs.ended, run_id))) as events:
            async for number, event in events:
                if len(found) >= limit or size > MAX_BYTES:
                    cut = True
                    break
                after = number
                if is_shown(event, True, page.heard_all):
                    found.append(event_text(event, run_id))
                    size += len(found[-1])
    if not cut:
        after = max([after, *(event.end - 1 for event in page.events[-1:])])
    more = after + 1 < page.total
    return SoFar(tuple(found), after, more, (page.ended or closed) and not more)

"""What readers get of an event: agno's own object, or the line that is sent to a client.

An object is each reader's own, to do with as it likes. A line is bytes, and the same for all: what a page of events
comes to is made once, for a thousand clients as for one. To make it may ask the server for the whole run, and the
clients of a run all come to its end at the same moment.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from agno.run.workflow import WorkflowRunOutput

from agno_temporal.agno_bridge.event_text import event_text
from agno_temporal.agno_bridge.shown_events import is_shown
from agno_temporal.contract.events import EventPage
from agno_temporal.follow.feed import Feed, Made

T_co = TypeVar("T_co", covariant=True)

RunOf = Callable[[], Awaitable[tuple[WorkflowRunOutput, bool]]]


class Form(Protocol[T_co]):
    """How events are told."""

    def of_page(
        self, feed: Feed, page: EventPage, after: int, skips: Mapping[str, int], run_of: RunOf
    ) -> AsyncGenerator[tuple[int, T_co], None]:
        """Those of a page, each with its number; the arguments are those of `Feed.events`."""

    def of_preview(self, page: EventPage, event: Any) -> Sequence[T_co]:
        """One that is not durable yet; empty where it is not told."""


@dataclass(frozen=True, slots=True)
class Objects:
    """agno's own: all of them, or those that it yields with `stream=True` alone."""

    stream_events: bool = True

    async def of_page(
        self, feed: Feed, page: EventPage, after: int, skips: Mapping[str, int], run_of: RunOf
    ) -> AsyncGenerator[tuple[int, Any], None]:
        async for number, event in feed.events(page, after, skips, run_of):
            if is_shown(event, self.stream_events, page.heard_all):
                yield number, event

    def of_preview(self, page: EventPage, event: Any) -> list[Any]:
        return [event] if is_shown(event, self.stream_events, page.heard_all) else []


@dataclass(frozen=True, slots=True)
class Line:
    """An event as it is sent: its name, and its JSON."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Lines:
    """Of all events, as lines."""

    run_id: str

    async def of_page(
        self, feed: Feed, page: EventPage, after: int, skips: Mapping[str, int], run_of: RunOf
    ) -> AsyncGenerator[tuple[int, Line], None]:
        async def made() -> list[tuple[int, Line]]:
            return [(number, self._line(event)) async for number, event in feed.events(page, after, skips, run_of)]

        lines = Made(page, await made()) if skips else await feed.made_once(page, after, made)
        for numbered in lines.what:
            yield numbered

    def of_preview(self, page: EventPage, event: Any) -> list[Line]:
        return [self._line(event)]

    def _line(self, event: Any) -> Line:
        return Line(event.event or "message", event_text(event, self.run_id).encode())

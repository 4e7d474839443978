"""A chapter of a run: what one Temporal run hands to the next (Temporal's continue-as-new).

It is the second argument of a workflow, beside the request, which every chapter begins with. What would be too large
for an argument is kept in pieces in the history that ends (`Kept`), and an activity brings it into the one that begins;
and so are the outputs that it names and has not inline, because a history that has ended is deleted after a while.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from agno_temporal.contract import events
from agno_temporal.contract.events import Event, EventRun
from agno_temporal.contract.journal import Entry
from agno_temporal.contract.manifest import Asked, NodeState
from agno_temporal.contract.notices import Notice
from agno_temporal.contract.outputs import Leaf
from agno_temporal.contract.tasks import OpenedRun
from agno_temporal.plan.data import SCALARS, Json, field_names


@dataclass(frozen=True, slots=True)
class PackedEvents:
    """The events of one Temporal run.

    Attributes:
        count: How many. What an executor said is one.
        end: The number after the last one's last one.
        text: Their JSON, `packed`.
    """

    count: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A run between two Temporal runs.

    Attributes:
        opened: As it was recorded when the run opened, but for the session state.
        asked: The questions, with their answers; of those that were answered the newest ones.
        forgotten: The others: of each path, up to which occurrence.
        events: Their JSON, as long as there was nothing better; `events_packed` since then. There are thousands, which
            are read when somebody asks: to read them all at once would take a workflow task longer than it has.
        outputs: The activities whose results the run, or a reader of it, may still ask for, and that are to be brought:
            all but those of `inline`.
        inside: Which nested run is at a path.
        reminders: The reminders of open questions, by the question's id.
        journal: What the walk has been told.
        edited: Bytes of all edited outputs so far, as JSON.
    """

    opened: OpenedRun
    started_at: float
    session_state: Json = None
    asked: tuple[Asked, ...] = ()
    approved: tuple[str, ...] = ()
    progress: dict[str, NodeState] | None = None
    refused: tuple[str, ...] = ()
    occurrences: dict[str, int] | None = None
    events: Json = None
    outputs: tuple[str, ...] = ()
    event_runs: tuple[EventRun, ...] = ()
    inside: dict[str, str] | None = None
    reminders: dict[str, tuple[Notice, ...]] | None = None
    journal: tuple[Entry, ...] = ()
    forgotten: dict[str, int] | None = None
    events_packed: tuple[PackedEvents, ...] = ()
    edited: int = 0


@dataclass(frozen=True, slots=True)
class Continued:
    """The argument of the next Temporal run: the chapter, or where it is kept.

    Attributes:
        run_id: The Temporal run that ended.
        kept: The ids of the activities whose arguments are the pieces, in order.
    """

    run_id: str
    chapter: Json = None
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of a chapter's JSON, packed."""

    text: str


@dataclass(frozen=True, slots=True)
class CarryTask:
    """Bring what another Temporal run of this run has written: a kept piece, or outputs, by their activities."""

    run_id: str
    kept: str | None = None
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """What was brought. `rest` is what had no room, to be asked for again.

    Attributes:
        results: Of each activity the output's body, and what its executor said.
    """

    text: str | None = None
    results: dict[str, Json] | None = None
    rest: tuple[str, ...] = ()


def named(value: Any) -> Iterator[Leaf | Event]:
    """The outputs in there, and the events that stand for what an executor said, in order: all that names an activity
    whose result somebody may ask for."""
    match value:
        case Leaf() | Event(kind=events.EXECUTOR):
            yield value
        case tuple():
            for item in value:
                yield from named(item)
        case _:
            for field in field_names(cast("Hashable", type(value))):
                item = getattr(value, field)
                if type(item) not in SCALARS:
                    yield from named(item)


def inline(journal: tuple[Entry, ...]) -> dict[str, Json]:
    """The outputs that go along in a journal: their bodies, by their activities."""
    return {one.activity_id: one.body for one in named(journal) if isinstance(one, Leaf) and one.body is not None}


def packed(text: str) -> str:
    """
    >>> unpacked(packed("events " * 1000)) == "events " * 1000
    True
    """
    return base64.b64encode(zlib.compress(text.encode())).decode()


def unpacked(text: str) -> str:
    return zlib.decompress(base64.b64decode(text)).decode()

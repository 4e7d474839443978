"""A page of events in parts, each of which stands for a few megabytes.

A page is bounded by the size of its facts, and a fact of a hundred bytes may name an output of megabytes. What is made
of a page is held for as long as its slowest reader takes to read it. So no reader is given more than a part at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from agno_temporal.contract.events import EXECUTOR, Event, EventPage
from agno_temporal.contract.outputs import leaves

PART_BYTES: Final = 8_000_000
"""Of outputs, as JSON. One event may name more, and is a part of its own then."""

SAID_BYTES: Final = 1_000
"""Of one event that an executor said, about: a fact does not tell how large they are."""


def parted(page: EventPage) -> tuple[EventPage, EventPage]:
    """The first part of a page, with one event at least where it has any; and the rest."""
    size = 0
    for position, event in enumerate(page.events):
        size += _named_bytes(event)
        if position and size > PART_BYTES:
            return replace(page, events=page.events[:position]), replace(page, events=page.events[position:])
    return page, replace(page, events=())


def _named_bytes(event: Event) -> int:
    outputs = event.outputs if event.output is None else (*event.outputs, event.output)
    said = event.count * SAID_BYTES if event.kind == EXECUTOR else 0
    return said + sum(leaf.size for output in outputs for leaf in leaves(output))

"""The events of earlier Temporal runs, which a run takes along and is seldom asked for.

A loop of two thousand iterations has told eight thousand events. As objects they were most of what a run handed from
one Temporal run to the next: made, written, stored and read again each time, and in its worker's memory for as long as
it lasts. So those of one Temporal run are packed once, when it is left. From there on they are a text, which is read
when somebody asks for one of them.

A run that was handed loose events, by a version before this, packs them when it leaves next.
"""

from __future__ import annotations

import functools
import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain

from agno_temporal.contract.chapter import PackedEvents, packed, unpacked
from agno_temporal.plan.data import Json


class Earlier:
    """Events by their position, as JSON."""

    def __init__(self, parts: Sequence[PackedEvents] = (), loose: Sequence[Json] = ()) -> None:
        self.parts = tuple(parts)
        self._loose = list(loose)
        self._ends = list(accumulate(part.count for part in self.parts))
        self._packed = self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return self._packed + len(self._loose)

    def __iter__(self) -> Iterator[Json]:
        return chain(chain.from_iterable(_read(part.text) for part in self.parts), self._loose)

    def __getitem__(self, position: int) -> Json:
        if position >= self._packed:
            return self._loose[position - self._packed]
        part = bisect_right(self._ends, position)
        return _read(self.parts[part].text)[position - self._ends[part]]  # Below 0: counted from the part's end.

    def end_of(self, position: int) -> int:
        """The number after an event's last one."""
        event = self[position]
        end: int = event["index"] + event.get("count", 1)
        return end

    @property
    def total(self) -> int:
        """The number after the last event's last one."""
        if not self._loose and self.parts:
            return self.parts[-1].end
        return self.end_of(len(self) - 1) if len(self) else 0

    def with_newer(self, newer: Sequence[Json]) -> tuple[PackedEvents, ...]:
        """All of them and these, packed."""
        fresh = Earlier(loose=[*self._loose, *newer])
        if not fresh:
            return self.parts
        return (*self.parts, PackedEvents(len(fresh), fresh.total, packed(json.dumps([*fresh]))))


@functools.lru_cache(maxsize=4)
def _read(text: str) -> tuple[Json, ...]:
    return tuple(json.loads(unpacked(text)))

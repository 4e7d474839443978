"""What a task need not list again, because an earlier one has.

A step may ask for every output before it, so that its task names them all. In a run of hundreds of steps these names
were nearly all that it wrote, and grew with the square of its steps. So a task lists what is new, and for the rest it
names the step whose task had listed it (`contract.tasks.Listed`), which the history keeps as long as it keeps this one.

Each frame stands at the end of a row of earlier outputs, which it shares with the frames that it came from. Where a
step's activity was given such a row, and has answered, its task is in the history for certain, and may be named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agno_temporal.contract.tasks import LISTED_AGAIN, Flow, Listed


class Row:
    """A row of earlier outputs by its last name, and the row before it.

    Attributes:
        listed: The task that has listed the row, once it is in the history.
    """

    __slots__ = ("_before", "_name", "listed")

    def __init__(self, before: Row | None = None, name: str | None = None) -> None:
        self._before = before
        self._name = name
        self.listed: Listed | None = None

    def after(self, name: str | None) -> Row:
        """The row with one more, which stands for any before it that had its name."""
        return Row(self, name)

    def shortened(self, flow: Flow) -> Flow:
        """The flow of a frame at this row, without what was listed before. The last output is always in it: it is what
        most steps ask for."""
        if len(flow.previous) <= LISTED_AGAIN:
            return flow
        newer: dict[str | None, None] = {}
        for row in self._backwards():
            if row.listed is not None and row.listed.count >= LISTED_AGAIN:
                return replace(flow, previous=flow.previous[-max(1, len(newer)) :], listed=row.listed)
            newer[row._name] = None
        return flow

    def _backwards(self) -> Iterator[Row]:
        row: Row | None = self
        while row is not None:
            yield row
            row = row._before

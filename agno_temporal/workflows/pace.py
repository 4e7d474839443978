"""When a run is too long for its history, and where it may leave it.

Temporal ends a run whose history reaches 51,200 events or 50 MB, and whoever asks a run that is in no worker's memory
waits until its history was replayed. So after some events it goes on in a new Temporal run (`workflows.chapters`),
which it can do only while no activity is under way; a question may stay open.

Before each of its calls a branch asks here. Where a change is due it waits, if nothing else is under way, since then
the change comes at once. Where other branches are busy it goes on, and does not wait for a step of theirs that may take
hours; only when the change is long overdue it does.

How long the history is, a run counts itself, about: what the server says of it differs between a run and its replay,
where a workflow task was prolonged by others that brought nothing. Only how large it is, it must be told.

Where a branch waits shows in the history, so that none of these bounds may be changed for runs that are open, and a run
that was opened before it counted goes by the server's length.
"""

from __future__ import annotations

import asyncio
from typing import Final

from temporalio import workflow

from agno_temporal.contract.journal import Parked
from agno_temporal.workflows.journal import current

HEARD: Final = 6
"""Events: as many as an activity has, with the workflow task that it brings about. A timer has five, a signal four."""

OVERDUE: Final = 4
"""So many times the events after which a change is due."""

LARGE: Final = 2_000_000
"""Bytes that a history must have grown by before Temporal's own suggestion is heeded: it goes by size too, and what is
brought along may be larger than what Temporal likes."""

TOO_LARGE: Final = 40_000_000
"""Of the 50 MB at which Temporal ends a run."""

UPDATES: Final = 1_500
"""Of the 2,000 that Temporal takes in one run."""


TAKEN: Final = 65_536
"""Bytes of decisions in one workflow task beside which nothing else is sent. Temporal takes 4 MB from one, and
terminates the run beyond that: each decision by update is in it twice, where it is accepted and where it is answered,
and there may be ten. What else is sent leaves room for 64 KB of them (`packing`)."""


class Pace:
    """How long the history of this Temporal run is.

    Attributes:
        after: The number of events after which a change is due. 0 is "never".
        busy: How many activities are under way, local ones too.
        updates: How many were taken.
        leaving: The change is under way.
        cancelled: The run was cancelled while it was brought here, so that nothing in it moves on.
    """

    __slots__ = (
        "_before",
        "_counted",
        "_length",
        "_size",
        "_taken",
        "_told_at",
        "after",
        "busy",
        "cancelled",
        "leaving",
        "updates",
    )

    def __init__(self) -> None:
        self.after = 0
        self.busy = 0
        self.updates = 0
        self.leaving = False
        self.cancelled = False
        self._told_at = -1
        self._taken = (-1, 0)
        self._counted: int | None = None
        self._length = 0
        self._size = 0
        self._before: tuple[int, int] | None = None

    def begin(self, after: int, *, counted: bool) -> None:
        """The walk begins, here."""
        self.after = after
        self._counted = 0 if counted else None
        self._length, self._size = self.history

    @property
    def history(self) -> tuple[int, int]:
        """Its events and its bytes, as a replay finds them.

        A local activity's answer has no event. Where a run is asked something while it waits for one, the answer may
        come in the next workflow task, and in a replay in this one. So until something with an event has come, the
        history is as long as it was when the activity was sent.
        """
        info = workflow.info()
        return self._before or (info.get_current_history_length(), info.get_current_history_size())

    def heard(self) -> None:
        """Something with an event has come."""
        self._before = None
        self._count(HEARD)

    def passed(self) -> None:
        """A timer has fired that nothing else tells of."""
        self._count(HEARD)

    def tell(self) -> None:
        """A signal or an update has come."""
        self.heard()
        self._told_at = self.history[0]

    def take(self, size: int) -> None:
        """An update of so many bytes is answered."""
        now, (since, before) = self.history[0], self._taken
        self._taken = (now, size + (before if since == now else 0))

    def answered(self, before: tuple[int, int]) -> None:
        """A local activity has answered that was sent when the history was so long."""
        self._before = before
        self._told_at = before[0]
        self._count(1)

    @property
    def was_told(self) -> bool:
        """Whether this workflow task brought any of these."""
        return self._told_at == self.history[0]

    @property
    def is_full(self) -> bool:
        """Whether this workflow task brought decisions beside which nothing else has room."""
        since, size = self._taken
        return since == self.history[0] and size > TAKEN

    @property
    def due(self) -> bool:
        """Whether the run is to go on in a new Temporal run."""
        if not self.after:
            return False
        if self._grown >= self.after or self.updates >= UPDATES:
            return True
        if not workflow.info().is_continue_as_new_suggested():
            return False
        size = self.history[1]
        return size - self._size >= max(LARGE, min(self._size, TOO_LARGE - self._size))

    @property
    def overdue(self) -> bool:
        """Whether it must."""
        if not self.due:
            return False
        long = self._grown >= OVERDUE * self.after
        return long or self.updates >= UPDATES or self.history[1] >= TOO_LARGE

    @property
    def _grown(self) -> int:
        """By how many events the history has grown since the walk began."""
        return self.history[0] - self._length if self._counted is None else self._counted

    def _count(self, events: int) -> None:
        if self._counted is not None:
            self._counted += events

    def heed_cancel(self) -> None:
        """
        Raises:
            CancelledError: The run was cancelled while it was brought here.
        """
        if self.cancelled:
            raise asyncio.CancelledError

    async def safe_point(self) -> None:
        """A call is about to be made. Waits where the run is to leave its history first, and then never returns."""
        strand = current()
        parked = strand.parked()
        strand.must_be_live()
        self.heed_cancel()
        if parked:
            return
        if not self._must_wait():
            return
        strand.add(Parked())
        strand.still = True
        try:
            await workflow.wait_condition(lambda: not self._must_wait())
        finally:
            strand.still = False
        strand.take_back()

    def _must_wait(self) -> bool:
        return self.leaving or (self.due and (self.busy == 0 or self.overdue))

"""When a run is too long for its history, and where it may leave it.

Temporal ends a run whose history reaches 51,200 events or 50 MB, and whoever asks a run that is in no worker's memory
waits until its history was replayed. So after some events it goes on in a new Temporal run (`workflows.chapters`),
which it can do only while no activity is under way; a question may stay open.

Before each of its calls a branch asks here. Where a change is due it waits, if nothing else is under way, since then
the change comes at once. Where other branches are busy it goes on, and does not wait for a step of theirs that may take
hours; only when the change is long overdue it does.

Where a branch waits shows in the history, so that none of these bounds may be changed for runs that are open.
"""

from __future__ import annotations

import asyncio
from typing import Final

from temporalio import workflow

from agno_temporal.contract.journal import Parked
from agno_temporal.workflows.journal import current

OVERDUE: Final = 4
"""So many times the events after which a change is due."""

LARGE: Final = 2_000_000
"""Bytes that a history must have grown by before Temporal's own suggestion is heeded: it goes by size too, and what is
brought along may be larger than what Temporal likes."""

TOO_LARGE: Final = 40_000_000
"""Of the 50 MB at which Temporal ends a run."""

UPDATES: Final = 1_500
"""Of the 2,000 that Temporal takes in one run."""


class Pace:
    """How long the history of this Temporal run is.

    Attributes:
        after: The number of events after which a change is due. 0 is "never".
        busy: How many activities are under way, local ones too.
        updates: How many were taken.
        leaving: The change is under way.
        cancelled: The run was cancelled while it was brought here, so that nothing in it moves on.
    """

    def __init__(self) -> None:
        self.after = 0
        self.busy = 0
        self.updates = 0
        self.leaving = False
        self.cancelled = False
        self._told_at = -1
        self._length = 0
        self._size = 0

    def begin(self, after: int) -> None:
        """The walk begins, here."""
        info = workflow.info()
        self.after = after
        self._length, self._size = info.get_current_history_length(), info.get_current_history_size()

    def tell(self) -> None:
        """A signal, an update or a local activity's answer has come."""
        self._told_at = workflow.info().get_current_history_length()

    @property
    def was_told(self) -> bool:
        """Whether this workflow task brought any."""
        return self._told_at == workflow.info().get_current_history_length()

    @property
    def due(self) -> bool:
        """Whether the run is to go on in a new Temporal run."""
        if not self.after:
            return False
        info = workflow.info()
        grown = info.get_current_history_length() - self._length
        if grown >= self.after or self.updates >= UPDATES:
            return True
        larger = info.get_current_history_size() - self._size
        return info.is_continue_as_new_suggested() and larger >= max(LARGE, min(self._size, TOO_LARGE - self._size))

    @property
    def overdue(self) -> bool:
        """Whether it must."""
        if not self.due:
            return False
        info = workflow.info()
        grown = info.get_current_history_length() - self._length
        return grown >= OVERDUE * self.after or self.updates >= UPDATES or info.get_current_history_size() >= TOO_LARGE

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

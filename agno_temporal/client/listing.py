"""Listing the runs of a queue, from Temporal's visibility store.

The list is a little behind: a run that was just started may not be in it yet. A run that went on in several Temporal
runs is one row, which began when the first of them did.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from agno_temporal.client.reach import Reach
from agno_temporal.follow.visibility import listed_start, runs_query


@dataclass(frozen=True)
class RunSummary:
    """A run as a list shows it."""

    run_id: str
    workflow_id: str
    status: str
    started_at: datetime
    closed_at: datetime | None


class Listing(Reach):
    """The part of a client that lists runs."""

    async def list_runs(self, workflow_id: str | None = None, open_only: bool = False) -> AsyncIterator[RunSummary]:
        """Runs on this client's queue: those that are open, the newest first, then those that ended last."""
        query = runs_query(self.task_queue, workflow_id, True if open_only else None)
        seen = set[str]()
        async for one in self.client.list_workflows(query):
            if one.id in seen:  # What it has left, of a run that was put back.
                continue
            seen.add(one.id)
            status = one.status.name if one.status else "UNKNOWN"
            started_at = await listed_start(self.client, one.raw_info)
            yield RunSummary(one.id, one.workflow_type, status, started_at, one.close_time)

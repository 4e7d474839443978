"""Many runs at once: what each of them waits for, which only its worker knows.

Temporal lists a run that waits as running, and a rejected one as completed; so each is asked. A worker that is gone
leaves every question to its timeout: the questions are bounded in time and number, and once one ran out of its time
before any was answered, no more are put.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agno_temporal.client import NoWorker, RunClient, RunNotFound, RunSummary
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.sealed import Unreadable
from agno_temporal.follow.errors import Locked
from agno_temporal.plan.data import DataError

AT_ONCE = 10

PATIENCE = 5.0
"""Seconds that one run may take to answer."""

_ENDED = {"FAILED": "ERROR", "TERMINATED": "ERROR", "TIMED_OUT": "ERROR", "CANCELED": "CANCELLED"}


@dataclass(frozen=True)
class Row:
    """A run in a list. `manifest` is None where nobody answered, where Temporal's own status says it all, and where
    what was answered, or left, cannot be read here: then `unreadable` says why not."""

    run: RunSummary
    manifest: Manifest | None
    unreadable: str | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it is open and nobody said how it stands."""
        return self.run.status == "RUNNING" and self.manifest is None

    @property
    def status(self) -> str:
        """agno's status."""
        if self.manifest is not None:
            return self.manifest.status
        return _ENDED.get(self.run.status, self.run.status)


async def survey(
    runs: RunClient, limit: int, workflow_id: str | None = None, open_only: bool = False
) -> tuple[list[Row], bool]:
    """The newest runs, and whether there are more than `limit`."""
    found: list[RunSummary] = []
    async for one in runs.list_runs(workflow_id, open_only):
        if len(found) == limit:
            return await answered_rows(runs, found), True
        found.append(one)
    return await answered_rows(runs, found), False


def waiting_in(rows: Iterable[Row]) -> list[tuple[Manifest, Asked]]:
    """What is not decided yet, the nearest deadline first."""
    found = [
        (row.manifest, asked)
        for row in rows
        if row.manifest is not None
        for asked in row.manifest.asked
        if asked.resolution is None
    ]
    return sorted(found, key=lambda one: (one[1].requirement.deadline or float("inf"), one[1].requirement.opened_at))


async def answered_rows(runs: RunClient, found: Sequence[RunSummary]) -> list[Row]:
    """These runs, each asked how it stands, without those that turn out to be none of agno's."""
    questions = _Questions(runs, await runs.has_worker())
    rows = await asyncio.gather(*map(questions.row, found))
    return [row for row in rows if row is not None]


class _Questions:
    """Asks runs how they stand, a few at once."""

    def __init__(self, runs: RunClient, has_worker: bool) -> None:
        self._runs = runs
        self._has_worker = has_worker
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._answered = False
        self._silent = False

    async def row(self, run: RunSummary) -> Row | None:
        """One that cannot be read does not hide the others. None for what is no run of ours, or is not kept any
        longer."""
        try:
            return await self._read(run)
        except RunNotFound:
            return None
        except (Unreadable, DataError) as error:
            return Row(run, None, str(error))

    async def _read(self, run: RunSummary) -> Row:
        match run.status:
            case "RUNNING":
                return Row(run, await self._asked(run.run_id))
            case "COMPLETED":
                async with self._turn:
                    return Row(run, await self._runs.manifest(run.run_id))
        return Row(run, None)

    async def _asked(self, run_id: str) -> Manifest | None:
        async with self._turn:
            if not self._has_worker or (self._silent and not self._answered):
                return None
            try:
                manifest = await asyncio.wait_for(self._runs.manifest(run_id), PATIENCE)
            except Locked:  # By itself: others may have another key.
                return None
            except (NoWorker, TimeoutError):
                self._silent = True
                return None
            self._answered = True
            return manifest

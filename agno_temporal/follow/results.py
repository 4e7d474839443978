"""What the steps of a run returned, for all who read the run in this process: read once from its history.

Activity ids are counted on from the place that a run was reset to. So the same id may stand for two results, one in the
history that was left and one in that which goes on, and what was read of the one must not be shown as the other's. A
body is told apart by its digest, which the page has that names it; what an executor said, by when that was told.

Readers follow a run for months, and it may return gigabytes meanwhile. So what was read is kept for those who come to
the same page soon: the newest few megabytes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TypeAlias

from temporalio.client import Client

from agno_temporal.activities.bounds import size_of
from agno_temporal.activities.cache import Bounded
from agno_temporal.activities.history import MissingOutput, read_results
from agno_temporal.agno_bridge.bodies import Bodies, BodyMismatch
from agno_temporal.contract.events import EXECUTOR, EventPage
from agno_temporal.plan.data import Json

KEPT_BYTES = 4_000_000
"""Of one run, as JSON. One page of events may need more, and gets it."""

_Key: TypeAlias = tuple[str, str | float]
"""An activity, and the digest of its body, or the moment at which was told what its executor said."""


class Results:
    """The results of one run, as far as somebody has asked for them lately."""

    def __init__(self, client: Client, run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        self._temporal_run_id: str | None = None
        self._kept: Bounded[_Key] = Bounded(KEPT_BYTES)

    async def fill(self, bodies: Bodies, page: EventPage) -> None:
        """Bring what is not inline, from what was read before or from the history.

        Raises:
            BodyMismatch, MissingOutput: The run's history is not, or no longer, the one that the page is of.
        """
        digests: list[_Key] = [(leaf.activity_id, leaf.digest) for leaf in bodies.missing()]
        told: list[_Key] = [
            (one.activity_id, one.at) for one in page.events if one.kind == EXECUTOR and one.activity_id is not None
        ]
        found = {key: self._kept.get(key) for key in (*digests, *told) if key in self._kept}
        if wanted := {key[0] for key in (*digests, *told) if key not in found}:
            results = await self._read(bodies, wanted)
            for keys, part in ((digests, "body"), (told, "events")):
                found |= {key: results[key[0]].get(part) for key in keys if key[0] in results}
        for activity_id, digest in digests:
            bodies.add(activity_id, found[activity_id, digest])
        for activity_id, at in told:
            bodies.add_events(activity_id, found[activity_id, at])
        for key, result in found.items():
            if key not in self._kept:
                self._kept.put(key, result, size_of(result))

    async def _read(self, bodies: Bodies, activity_ids: set[str]) -> dict[str, Json]:
        """From the history that was read last; or, since the run may have gone on in another one, from that."""
        if self._temporal_run_id is not None:
            with suppress(BodyMismatch, MissingOutput):
                return await self._read_from(self._temporal_run_id, bodies, activity_ids)
        self._temporal_run_id = (await self._client.get_workflow_handle(self._run_id).describe()).run_id or ""
        return await self._read_from(self._temporal_run_id, bodies, activity_ids)

    async def _read_from(self, place: str, bodies: Bodies, activity_ids: set[str]) -> dict[str, Json]:
        results = await read_results(self._client, self._run_id, place, activity_ids)
        for activity_id, result in results.items():
            bodies.check(activity_id, result.get("body"))
        return results

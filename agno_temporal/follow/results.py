"""What the steps of a run returned, for all who read the run in this process: read once from its history.

Activity ids are counted on from the place that a run was reset to. So the same id may stand for two results, one in the
history that was left and one in that which goes on, and what was read of the one must not be shown as the other's. A
body is told apart by its digest, which the page has that names it; what an executor said, by when that was told.
"""

from __future__ import annotations

from contextlib import suppress

from temporalio.client import Client

from agno_temporal.activities.history import MissingOutput, read_results
from agno_temporal.agno_bridge.bodies import Bodies, BodyMismatch
from agno_temporal.contract.events import EXECUTOR, EventPage
from agno_temporal.plan.data import Json


class Results:
    """The results of one run, as far as somebody has asked for them."""

    def __init__(self, client: Client, run_id: str) -> None:
        self._client = client
        self._run_id = run_id
        self._temporal_run_id: str | None = None
        self._bodies: dict[tuple[str, str], Json] = {}
        self._said: dict[tuple[str, float], Json] = {}

    async def fill(self, bodies: Bodies, page: EventPage) -> None:
        """Bring what is not inline, from what was read before or from the history.

        Raises:
            BodyMismatch, MissingOutput: The run's history is not, or no longer, the one that the page is of.
        """
        digests = {leaf.activity_id: leaf.digest for leaf in bodies.missing()}
        told = {one.activity_id: one.at for one in page.events if one.kind == EXECUTOR and one.activity_id is not None}
        absent = {one for one in digests.items() if one not in self._bodies}
        unheard = {one for one in told.items() if one not in self._said}
        if wanted := {activity_id for activity_id, _ in (*absent, *unheard)}:
            for activity_id, result in (await self._read(bodies, wanted)).items():
                if activity_id in digests:
                    self._bodies[activity_id, digests[activity_id]] = result["body"]
                if activity_id in told:
                    self._said[activity_id, told[activity_id]] = result.get("events")
        for activity_id, digest in digests.items():
            bodies.add(activity_id, self._bodies[activity_id, digest])
        for activity_id, at in told.items():
            bodies.add_events(activity_id, self._said[activity_id, at])

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

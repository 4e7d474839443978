"""The projection: the run as it stands, and what it asks, in agno's own database, before that state is announced.

Ordinary reads (sessions, lists, dashboards) then never wake Temporal. A database that is down delays the announcement
and loses nothing: the local attempt says "not written", and a regular activity tries for as long as it takes. But where
its rows have become another user's meanwhile, which is refused when a run opens, there is nothing to wait for: the run
goes on without them.
"""

from __future__ import annotations

from typing import Any

from temporalio import activity

from agno_temporal.activities.beat import beating
from agno_temporal.activities.host import Host
from agno_temporal.activities.refusals import as_temporal_failures
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.newest_run import is_newest
from agno_temporal.agno_bridge.projection import write_projection
from agno_temporal.agno_bridge.row_order import RunIdTaken
from agno_temporal.agno_bridge.run_output import run_output
from agno_temporal.agno_bridge.store import SessionOfAnother
from agno_temporal.contract import names
from agno_temporal.contract.manifest import ENDED, Manifest
from agno_temporal.contract.tasks import RunFacts
from agno_temporal.plan.data import Json, from_json


class Project:
    """The activity `agno.project`, local at first."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @activity.defn(name=names.PROJECT)
    async def project(self, manifest: Json) -> dict[str, Any]:
        run = from_json(Manifest, manifest)
        db = self._host.db_of(run.workflow_id)
        if activity.info().is_local:
            return {"written": await self._host.databases.at_once(db, lambda: self._write(run), False)}
        with beating(), as_temporal_failures():
            return {"written": await self._host.databases.answered(db, lambda: self._write(run))}

    async def _write(self, manifest: Manifest) -> bool:
        workflow = self._host.compiled(manifest.workflow_id).workflow
        bodies = await self._host.fill(Bodies(manifest), manifest.run_id)
        facts = RunFacts(manifest.run_id, manifest.workflow_id, manifest.session_id, manifest.plan_digest)
        run = run_output(manifest, bodies, await self._host.request(facts))
        row_writer = self._host.row_writer(manifest.run_id, workflow.db)
        is_back = manifest.put_back  # Put back to its end, it has nothing to add to what newer runs have left.
        with_state = not is_back or (
            manifest.status in ENDED and await is_newest(workflow, manifest, self._host.threads.run)
        )
        try:
            await write_projection(workflow, manifest, run, row_writer, with_state=with_state, is_back=is_back)
        except (RunIdTaken, SessionOfAnother) as error:
            activity.logger.warning("%s The run goes on without its rows.", error)
        return True

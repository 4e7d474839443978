"""One run, read while its worker may be gone.

A question to a running workflow goes to the worker that had it last. Where that was killed, the question is lost for a
second; where no other comes, it waits for its timeout, and Temporal still counts the dead one for minutes. So a reader
here is patient for a moment, and then says what the database has, marked as such; without a database, that nobody
answers.

A row is found by the run's id, and Temporal may have forgotten the run of another user that had it. So whoever may see
the own runs alone is told of own rows alone.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from agno_temporal.agno_bridge.approvals import all_waiting
from agno_temporal.agno_bridge.row_runs import run_row
from agno_temporal.agno_bridge.run_table import StoredRun, has_run_rows, stored_run
from agno_temporal.api.recalling import recall
from agno_temporal.api.service import Service
from agno_temporal.client import NoWorker, RunNotFound
from agno_temporal.contract.manifest import Manifest
from agno_temporal.views.documents import Document, one_document, questions_document, run_document
from agno_temporal.views.run_view import look_at, manifest_of
from agno_temporal.views.stored import stored_run_document

PATIENCE = 2.0
"""Seconds in which a worker that lives has answered, even if the one before it was killed."""


async def run_as_document(service: Service, run_id: str, own: str | None) -> Document:
    """
    Args:
        own: The user whose rows alone may be shown; None for all.

    Raises:
        RunNotFound, NoWorker: And the database does not know it either.
    """
    found = await _found(service, run_id, own)
    if isinstance(found, Manifest):
        return {**run_document(await look_at(service.runs, run_id, found)), "source": "run"}
    return await _stored(service, found)


async def questions_as_document(service: Service, run_id: str, own: str | None) -> Document:
    """`questions_document`, with its source.

    Raises:
        RunNotFound, NoWorker: As above.
    """
    found = await _found(service, run_id, own)
    if isinstance(found, Manifest):
        return {**questions_document(found, time.time()), "source": "run"}
    stored = await _stored(service, found)
    return {name: stored[name] for name in ("run_id", "workflow_id", "status", "pending", "decisions", "source")}


async def question_as_document(service: Service, run_id: str, requirement_id: str, own: str | None) -> Document | None:
    """`one_document`, with its source; None where the run has not asked it.

    Raises:
        RunNotFound, NoWorker: As above; and the database does not say that it is open.
    """
    found = await _found(service, run_id, own)
    if isinstance(found, Manifest):
        asked = next((one for one in found.asked if one.requirement.id == requirement_id), None)
        asked = asked or await recall(service, found, requirement_id, own)
        if asked is None:
            return None
        return {**one_document(await look_at(service.runs, run_id, found), asked), "source": "run"}
    stored = await _stored(service, found)
    for one in stored["pending"]:
        if one["requirement_id"] == requirement_id:
            return {**one, "decision": None, "source": stored["source"]}
    raise NoWorker(
        f"No worker answers for run {run_id!r}, and the database does not have {requirement_id[:80]!r} open."
    )


async def run_as_agno_has_it(service: Service, run_id: str, own: str | None) -> tuple[dict[str, Any], str]:
    """agno's `WorkflowRunOutput.to_dict()` as JSON, and where it comes from: "run" or "database".

    Raises:
        RunNotFound, NoWorker: As above.
    """
    found = await _found(service, run_id, own)
    if isinstance(found, Manifest):
        return run_row(await service.runs.whole(found), strict_text=False), "run"
    return found.data or {}, "database"


async def _stored(service: Service, run: StoredRun) -> Document:
    waiting = await service.reads.in_time(all_waiting(service.db, service.reads, run.run_id))
    return stored_run_document(run, waiting, time.time())


async def _found(service: Service, run_id: str, own: str | None) -> Manifest | StoredRun:
    if not has_run_rows(service.db):
        return await manifest_of(service.runs, run_id)
    asked = asyncio.ensure_future(service.runs.manifest(run_id))
    try:
        done, _ = await asyncio.wait([asked], timeout=PATIENCE)
        if done:
            try:
                return await asked
            except (NoWorker, RunNotFound):
                if (row := await _row(service, run_id, own)) is None:
                    raise
                return row
        row = await _row(service, run_id, own)
        return row or await manifest_of(service.runs, run_id)
    finally:
        asked.cancel()


async def _row(service: Service, run_id: str, own: str | None) -> StoredRun | None:
    row = await service.reads.in_time(stored_run(service.db, run_id, service.reads))
    return row if row is not None and own in (None, row.user_id) else None

"""Runs in pages: the database's, the newest first; Temporal's, open ones before all others.

Temporal lists all of them, and knows neither users nor sessions, nor agno's status: it calls a run that waits running,
and a rejected one completed. agno's database knows these, once a worker has opened the run. So a list that is narrowed
down by them is the database's, and any other is Temporal's, with the statuses of the database in one query for a page;
without a database each run on the page is asked.

A cursor goes on with the filters that it was made with, or not at all.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.client import WorkflowExecutionStatus

from agno_temporal.agno_bridge.cursors import BadCursor, read_cursor, write_cursor
from agno_temporal.agno_bridge.run_table import (
    OPEN,
    RunFilter,
    StoredRun,
    has_run_rows,
    stored_heads,
    stored_runs,
)
from agno_temporal.api.problems import Problem
from agno_temporal.api.service import Service
from agno_temporal.client import RunSummary
from agno_temporal.contract.manifest import ENDED
from agno_temporal.follow.visibility import BadToken, listed_start, runs_query, standing, visible_page
from agno_temporal.views.documents import Document, runs_document
from agno_temporal.views.stored import stored_row_document
from agno_temporal.views.survey import Row, answered_rows

STATUSES = {"open": OPEN, "closed": ENDED}


@dataclass(frozen=True)
class Wanted:
    """Which runs. None leaves that one out. `status` is open, closed, or one of agno's."""

    workflow_id: str | None = None
    status: str | None = None
    user_id: str | None = None
    session_id: str | None = None


async def list_runs(service: Service, wanted: Wanted, limit: int, cursor: str | None) -> Document:
    """A page, and the cursor of the next; None where this is the last.

    Raises:
        Problem: 501, there is no database that could tell.
        BadCursor: It is none, or of another list.
    """
    by_rows = wanted.user_id is not None or wanted.session_id is not None
    by_database = by_rows or wanted.status not in (None, *STATUSES)
    token = _read(cursor, wanted)
    if by_database:
        return await _of_database(service, wanted, limit, token)
    return await _of_temporal(service, wanted, limit, token)


async def _of_database(service: Service, wanted: Wanted, limit: int, token: Any) -> Document:
    if not has_run_rows(service.db):
        detail = "Only a SqliteDb or PostgresDb that the workflows share can list runs by user, session or this status."
        raise Problem(501, "no-approvals", detail)
    match token:
        case None:
            after = None
        case [int(created_at), str(run_id)] if abs(created_at) < 2**63:
            after = (created_at, run_id)
        case _:
            raise BadCursor("This cursor is of another list.")
    statuses = None if wanted.status is None else STATUSES.get(wanted.status, (wanted.status,))
    ours = service.workflows if wanted.workflow_id is None else [wanted.workflow_id]
    which = RunFilter([one for one in ours if one in service.workflows], wanted.user_id, wanted.session_id, statuses)
    found = await service.reads.in_time(stored_runs(service.db, which, service.reads, limit=limit + 1, after=after))
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return {
        "runs": [stored_row_document(one) for one in found[:limit]],
        "cursor": _cursor([last.created_at, last.run_id], wanted) if last else None,
    }


async def _of_temporal(service: Service, wanted: Wanted, limit: int, token: Any) -> Document:
    if not isinstance(token, str | None):
        raise BadCursor("This cursor is of another list.")
    is_open = None if wanted.status is None else wanted.status == "open"
    query = runs_query(service.task_queue, wanted.workflow_id, is_open)
    try:
        page = await visible_page(service.runs.client, query, limit, _bytes(token))
    except BadToken as error:
        raise BadCursor("This is no cursor. Take it from the page before, or begin without one.") from error
    found = await standing(service.runs.client, [one for one in page.runs if service.is_run(one)])
    runs = [await _summary(service, one) for one in found]
    return {
        "runs": await _with_statuses(service, runs),
        "cursor": _cursor(base64.b64encode(page.token).decode(), wanted) if page.token else None,
    }


async def _summary(service: Service, one: WorkflowExecutionInfo) -> RunSummary:
    closed_at = one.close_time.ToDatetime(UTC) if one.HasField("close_time") else None
    status = WorkflowExecutionStatus(one.status).name
    return RunSummary(
        one.execution.workflow_id, one.type.name, status, await listed_start(service.runs.client, one), closed_at
    )


async def _with_statuses(service: Service, runs: Sequence[RunSummary]) -> list[Document]:
    if not has_run_rows(service.db):
        rows: list[Document] = runs_document(await answered_rows(service.runs, runs))["runs"]
        return rows
    heads = await service.reads.in_time(stored_heads(service.db, [one.run_id for one in runs], service.reads))
    return [_row(one, heads.get(one.run_id)) for one in runs]


def _row(run: RunSummary, head: StoredRun | None) -> Document:
    """Whether it is open is Temporal's to say; how, the database's."""
    [document] = runs_document([Row(run, None)])["runs"]
    is_open = run.status == "RUNNING"
    if head is None:
        return {**document, "session_id": None, "user_id": None}
    told = head.status in (OPEN if is_open else ENDED) and run.status in ("RUNNING", "COMPLETED")
    return {
        **document,
        "status": head.status if told else document["status"],
        "answered": told or not is_open,
        "session_id": head.session_id,
        "user_id": head.user_id,
    }


def _cursor(token: Any, wanted: Wanted) -> str:
    return write_cursor([_digest(wanted), token])


def _read(cursor: str | None, wanted: Wanted) -> Any:
    if cursor is None:
        return None
    match read_cursor(cursor):
        case [str(digest), token] if digest == _digest(wanted):
            return token
    raise BadCursor(f"{cursor[:80]!r} is no cursor of this list. Take it from the page before, with the same filters.")


def _bytes(token: str | None) -> bytes:
    try:
        return base64.b64decode(token or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCursor("This is no cursor. Take it from the page before, or begin without one.") from error


def _digest(wanted: Wanted) -> str:
    return hashlib.sha256(repr(wanted).encode()).hexdigest()[:16]

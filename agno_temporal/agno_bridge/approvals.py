"""What waits for a human, across all runs: one page at a time, the nearest deadline first.

agno's own `get_approvals` counts every row at each call, pages by offset, so that a page skips what another decision
moved, and knows neither step, session nor deadline (agno/db/sqlite/sqlite.py:7390). Here a page begins after the last
row of the one before, by `(expires_at, id)`, and an index in that order makes every page cost the same.

The rows are a report, and a moment old: what decides is the run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from agno_temporal.agno_bridge.approval_rows import NEVER
from agno_temporal.agno_bridge.approval_table import PENDING, SOURCE, has_approvals, on_table
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.cursors import BadCursor, read_cursor, write_cursor
from agno_temporal.hitl import Kind, Policy, Requirement
from agno_temporal.plan.data import DataError, from_json

MAX_PAGE = 500


class NoApprovals(TypeError):
    """The database keeps no approvals, so that nothing can be listed across runs."""


@dataclass(frozen=True)
class Filter:
    """Which of the open questions. None leaves that one out.

    Attributes:
        workflow_id, kind, step_name, user_id, session_id, run_id: Exactly this one. The user is the run's.
        workflow_ids: Of any of these.
        deadline_before: In seconds since the epoch; what has no deadline is then left out.
    """

    workflow_id: str | None = None
    kind: str | None = None
    step_name: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    run_id: str | None = None
    deadline_before: int | None = None
    workflow_ids: Collection[str] | None = None


EVERYTHING = Filter()


@dataclass(frozen=True)
class Waiting:
    """An open question.

    Attributes:
        deadline: In whole seconds since the epoch, rounded up; None for none.
        question: agno's requirement as a dict, bounded in size; empty where it could not be shown.
        context: The step's path, what happens at the deadline, and the like (`approval_rows`).
    """

    id: str
    run_id: str
    session_id: str
    workflow_id: str
    step_name: str
    kind: str
    user_id: str | None
    opened_at: int
    deadline: int | None
    question: dict[str, Any]
    context: dict[str, Any]

    def requirement(self) -> Requirement | None:
        """The question as the run has it; None where it was too large for a row.

        The time of an approval by timer began after the row was first written, so that the column is right.
        """
        try:
            one = from_json(Requirement, self.context.get("requirement"))
        except DataError:
            return None
        return replace(one, deadline=self.deadline) if one.policy.on_timeout == "approve" else one

    def outline(self) -> Requirement:
        """What the row's columns say of the question: not its form, its choices or its tools."""
        context = self.context
        policy = Policy(str(context.get("on_reject", "skip")), str(context.get("on_timeout", "cancel")))
        message = self.question.get("confirmation_message") or self.question.get("user_input_message")
        return Requirement(
            id=self.id,
            path=str(context.get("path", "")),
            step_name=self.step_name,
            step_index=int(context.get("step_index", 0)),
            step_type=str(context.get("step_type", "Step")),
            kind=Kind(self.kind),
            occurrence=int(context.get("occurrence", 1)),
            opened_at=self.opened_at,
            deadline=self.deadline,
            message=None if message is None else str(message),
            policy=policy,
        )


@dataclass(frozen=True)
class Page:
    """Some of what waits, and where the next page begins; None where this is the last."""

    items: tuple[Waiting, ...]
    cursor: str | None


async def waiting(
    db: Any, in_thread: RunInThread, which: Filter = EVERYTHING, *, limit: int = 50, cursor: str | None = None
) -> Page:
    """A page of what waits, in all runs of this database.

    Args:
        in_thread: For a database that is not asynchronous.
        limit: 1 to `MAX_PAGE`.
        cursor: Of the page before.

    Raises:
        NoApprovals: Use agno's SqliteDb or PostgresDb, or one of their asynchronous twins.
        BadCursor, ValueError: The cursor, or the limit, is none.
        Exception: Whatever the database raises.
    """
    if not has_approvals(db):
        raise NoApprovals(
            f"{type(db).__name__} keeps no approvals, so that what waits cannot be listed across runs. Give the "
            "workflow a SqliteDb or PostgresDb, or ask each run for its requirements."
        )
    if not 1 <= limit <= MAX_PAGE:
        raise ValueError(f"limit={limit!r} is not between 1 and {MAX_PAGE}.")
    after = None if cursor is None else _read_cursor(cursor)
    found = await on_table(db, lambda session, table: _rows(session, table, which, limit + 1, after), in_thread)
    rows = found or []
    items = tuple(read_row(row) for row in rows[:limit])
    more = len(rows) > limit
    return Page(items, _cursor(rows[limit - 1]) if more else None)


async def all_waiting(db: Any, in_thread: RunInThread, run_id: str) -> list[Waiting]:
    """All that waits in one run, over as many pages as it takes.

    Raises:
        NoApprovals, Exception: As `waiting`.
    """
    found, cursor = list[Waiting](), None
    while True:
        page = await waiting(db, in_thread, Filter(run_id=run_id), limit=MAX_PAGE, cursor=cursor)
        found += page.items
        if (cursor := page.cursor) is None:
            return found


def statement(table: Any, which: Filter, limit: int, after: tuple[int, str] | None) -> Any:
    """The query. What makes a row part of the index is written into it, not bound: for a bound value no database can
    tell that the index has it."""
    from sqlalchemy import literal, select, tuple_

    equal = {
        "workflow_id": which.workflow_id,
        "pause_type": which.kind,
        "source_name": which.step_name,
        "user_id": which.user_id,
        "session_id": which.session_id,
        "run_id": which.run_id,
    }
    query = select(table).where(
        table.c.status == literal(PENDING, literal_execute=True),
        table.c.source_type == literal(SOURCE, literal_execute=True),
        *(table.c[name] == value for name, value in equal.items() if value is not None),
    )
    if which.workflow_ids is not None:
        query = query.where(table.c.workflow_id.in_(sorted(which.workflow_ids)))
    if which.deadline_before is not None:
        query = query.where(table.c.expires_at < min(which.deadline_before, NEVER))
    if after is not None:
        query = query.where(tuple_(table.c.expires_at, table.c.id) > after)
    return query.order_by(table.c.expires_at, table.c.id).limit(limit)


def _rows(session: Any, table: Any, which: Filter, limit: int, after: tuple[int, str] | None) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in session.execute(statement(table, which, limit, after))]


def read_row(row: dict[str, Any]) -> Waiting:
    return Waiting(
        id=row["id"],
        run_id=row["run_id"],
        session_id=row["session_id"],
        workflow_id=row["workflow_id"],
        step_name=row["source_name"],
        kind=row["pause_type"],
        user_id=row["user_id"],
        opened_at=row["created_at"],
        deadline=None if row["expires_at"] >= NEVER else row["expires_at"],
        question=next(iter(row["requirements"] or ()), {}),
        context=row["context"] or {},
    )


def _cursor(row: dict[str, Any]) -> str:
    return write_cursor([row["expires_at"], row["id"]])


def _read_cursor(cursor: str) -> tuple[int, str]:
    match read_cursor(cursor):
        case [int(expires_at), str(id)] if 0 <= expires_at < 2**63:
            return expires_at, id
    raise BadCursor(f"{cursor[:80]!r} is no cursor. Take it from the page before, or begin without one.")

"""A question that was answered, as its row of the approvals table has it.

A run that asks thousands of questions forgets who answered the oldest (`hitl.forgotten`). Their rows were written long
before that, and stay.
"""

from __future__ import annotations

from typing import Any

from agno_temporal.agno_bridge.approval_table import SOURCE, has_approvals, on_table
from agno_temporal.agno_bridge.approvals import read_row
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import Decision, Resolution
from agno_temporal.plan.data import DataError, from_json


async def answered(
    db: Any, in_thread: RunInThread, run_id: str, requirement_id: str, own: str | None = None
) -> Asked | None:
    """The question and its answer; None where no row has them.

    Args:
        own: Only of a run of this user.

    Raises:
        Exception: Whatever the database raises.
    """
    if not has_approvals(db):
        return None
    row = await on_table(db, lambda session, table: _row(session, table, run_id, requirement_id), in_thread)
    if row is None or not row["resolution_data"] or own not in (None, row["user_id"]):
        return None
    given = {**row["resolution_data"], "requirement_id": requirement_id, "decided_by": row["resolved_by"]}
    try:
        decision = from_json(Decision, given)
    except DataError:
        return None
    asked = read_row(row)
    return Asked(asked.requirement() or asked.outline(), None, resolution=Resolution(decision, row["resolved_at"]))


def _row(session: Any, table: Any, run_id: str, requirement_id: str) -> dict[str, Any] | None:
    from sqlalchemy import select

    which = (table.c.id == requirement_id, table.c.run_id == run_id, table.c.source_type == SOURCE)
    found = session.execute(select(table).where(*which)).first()
    return None if found is None else dict(found._mapping)

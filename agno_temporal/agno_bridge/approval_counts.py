"""How much waits, and how long it waited, counted from the rows of all runs.

A timer fires in a worker, a decision comes by any of several servers, and all of them are deployed anew. Only the rows
know all of it. So what is counted here is counted of them, and is the same whoever asks.

A question that was still open when its run ended has no time of an answer. It is not among the decided ones.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from agno_temporal.agno_bridge.approval_table import PENDING, SOURCE, on_table
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.hitl import Actor

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR

BOUNDS: Final = (1, 10, 60, 300, 900, _HOUR, 4 * _HOUR, 12 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY, 90 * _DAY)
"""Seconds in a pause, of which is counted how many were no longer."""


@dataclass(frozen=True)
class OpenCount:
    """So many questions of a kind wait in runs of a workflow."""

    workflow_id: str
    kind: str
    count: int


@dataclass(frozen=True)
class DecidedCount:
    """What became of questions of a kind.

    Attributes:
        outcome: agno's status: approved, rejected, expired, cancelled.
        policy: The `on_timeout` that a timer applied; None where somebody decided.
        seconds: How long all of them waited, together.
        within: For each of `BOUNDS`, how many waited no longer.
    """

    kind: str
    outcome: str
    policy: str | None
    count: int
    seconds: int
    within: tuple[int, ...]


async def count_open(db: Any, workflow_ids: Collection[str], in_thread: RunInThread) -> list[OpenCount]:
    """What waits in runs of these workflows, by workflow and kind.

    Raises:
        Exception: Whatever the database raises.
    """
    found = await on_table(db, lambda session, table: session.execute(_open(table, workflow_ids)).all(), in_thread)
    return [OpenCount(*row) for row in found or ()]


async def count_decided(db: Any, workflow_ids: Collection[str], in_thread: RunInThread) -> list[DecidedCount]:
    """What no longer waits, by kind, outcome and the timer's policy. Reads every row.

    Raises:
        Exception: Whatever the database raises.
    """
    found = await on_table(db, lambda session, table: session.execute(_decided(table, workflow_ids)).all(), in_thread)
    return [
        DecidedCount(kind, outcome, policy, count, int(seconds), tuple(map(int, within)))
        for kind, outcome, policy, count, seconds, *within in found or ()
    ]


def _open(table: Any, workflow_ids: Collection[str]) -> Any:
    from sqlalchemy import func, literal, select

    ours = (
        # Written into the query, so that the index of what waits is seen to have them (`approvals.statement`).
        table.c.status == literal(PENDING, literal_execute=True),
        table.c.source_type == literal(SOURCE, literal_execute=True),
        table.c.workflow_id.in_(sorted(workflow_ids)),
    )
    by = (table.c.workflow_id, table.c.pause_type)
    return select(*by, func.count()).where(*ours).group_by(*by)


def _decided(table: Any, workflow_ids: Collection[str]) -> Any:
    """In two steps: a text of the context's JSON is grouped by its name, which every database takes."""
    from sqlalchemy import case, func, select

    seconds = table.c.resolved_at - table.c.created_at
    each = (
        select(
            table.c.pause_type.label("kind"),
            table.c.status.label("outcome"),
            case((table.c.resolved_by == Actor.TIMER.value, table.c.context["on_timeout"].as_string())).label("policy"),
            case((seconds < 0, 0), else_=seconds).label("seconds"),
        )
        .where(
            table.c.source_type == SOURCE,
            table.c.status != PENDING,
            table.c.resolved_at.is_not(None),
            table.c.workflow_id.in_(sorted(workflow_ids)),
        )
        .subquery()
    )
    by = (each.c.kind, each.c.outcome, each.c.policy)
    within = (func.sum(case((each.c.seconds <= bound, 1), else_=0)) for bound in BOUNDS)
    return select(*by, func.count(), func.sum(each.c.seconds), *within).group_by(*by)

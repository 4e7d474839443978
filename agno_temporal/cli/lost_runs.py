"""The open rows of an app whose runs Temporal does not have (`agno_bridge.lost_rows`)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from agno.workflow import Workflow

from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.agno_bridge.run_table import StoredRun, has_run_rows, open_rows
from agno_temporal.client import RunClient, RunNotFound
from agno_temporal.follow.mending import described

NAMED = 5
"""How many of them are named where they are only told of."""


@dataclass(frozen=True)
class Lost:
    """One of them, and the workflow that it is of."""

    workflow: Workflow
    row: StoredRun


async def lost_runs(
    runs: RunClient,
    registry: Registry,
    *,
    run_id: str | None = None,
    session_id: str | None = None,
    there: Collection[str] = (),
) -> list[Lost]:
    """All of them, or one run's, or a session's.

    Args:
        there: Runs that Temporal has just named. It is not asked for each again.
    """
    found: list[Lost] = []
    for name in registry.names():
        compiled = registry.get(name)
        if compiled is None or not has_run_rows(compiled.workflow.db):
            continue
        rows = await open_rows(compiled.workflow.db, name, asyncio.to_thread, run_id=run_id, session_id=session_id)
        unseen = [row for row in rows if row.run_id not in there]
        found += [Lost(compiled.workflow, row) for row in unseen if not await _is_there(runs, row.run_id)]
    return found


async def _is_there(runs: RunClient, run_id: str) -> bool:
    try:
        await described(runs.client, run_id)
    except RunNotFound:
        return False
    return True


def told(lost: list[Lost]) -> str:
    """What is said of them where they are left as they are."""
    ids = ", ".join(one.row.run_id for one in lost[:NAMED])
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    return f"Open in the database, and not in Temporal: {ids}{more}. --lost ends what is so."

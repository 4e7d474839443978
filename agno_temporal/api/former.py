"""A run id stands for one run, also when Temporal keeps that no longer.

Temporal's ids are free again after its retention: a start that is sent once more would do all of its work a second
time. A worker refuses that (`agno_bridge.row_order`), and then the refused run is what is found under the id, in the
place of the one before, whoever's that was. So where a caller says which run it is, the database is asked first.
"""

from __future__ import annotations

import logging

from agno_temporal.agno_bridge.run_table import OPEN, StoredRun, has_run_rows, stored_head
from agno_temporal.api.problems import Problem
from agno_temporal.api.service import Service

logger = logging.getLogger("agno_temporal.api")


async def refuse_former(service: Service, run_id: str, own: str | None) -> None:
    """Check that a run may begin under this id, or has under Temporal. One that Temporal lost while it was open may.

    Args:
        own: The user whose runs alone the caller may see; None for all.

    Raises:
        Problem: 409, another one has.
    """
    row = await _row(service, run_id)
    if row is None or (row.status in OPEN and own in (None, row.user_id)) or await service.runs.exists(run_id):
        return
    detail = f"The run id {run_id!r} is taken. Use another."
    if own in (None, row.user_id):
        detail = f"Run {run_id!r} has ended before, as {row.status}, and Temporal keeps it no longer. Use another id."
    raise Problem(409, "run-id-reused", detail)


async def _row(service: Service, run_id: str) -> StoredRun | None:
    if not has_run_rows(service.db):
        return None
    try:
        return await service.reads.in_time(stored_head(service.db, run_id, service.reads))
    except Exception as error:
        logger.warning(
            "whether there was a run %s before is left to the worker, the database failed: %s", run_id, error
        )
        return None

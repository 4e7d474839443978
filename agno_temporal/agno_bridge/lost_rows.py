"""Open rows of a run that Temporal does not have: nobody else would ever end them.

A run is in Temporal for as long as it is open, and its last rows are written before it ends there. But a history can be
deleted, and a Temporal that was lost may be restored from a backup that is older than the run. Then its row waits for
good, in every list, and so do its questions.

The table is agno's, too: what agno runs by itself was never in Temporal, and is none of ours to end.
"""

from __future__ import annotations

from typing import Any

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow

from agno_temporal.agno_bridge.approval_table import bring, has_approvals, made_table
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.run_table import StoredRun, stored_run
from agno_temporal.agno_bridge.store import write_run

LOST = "Temporal does not have this run any more: nothing of it goes on."
"""The content of a run that was ended for that."""


async def end_rows(workflow: Workflow, row: StoredRun, in_thread: RunInThread) -> bool:
    """Have the run's row say that it has ended, as ERROR, and its open questions that they are cancelled. Returns
    whether it is there still.

    Raises:
        SessionOfAnother: The session has become another user's.
        Exception: Whatever the database raises.
    """
    whole = await stored_run(workflow.db, row.run_id, in_thread)
    if whole is None or whole.data is None:
        return False
    run = WorkflowRunOutput.from_dict(whole.data)
    run.status, run.content = RunStatus.error, LOST
    return await write_run(workflow, run, None, in_thread, questions=await _closing(workflow.db, row.run_id, in_thread))


async def _closing(db: Any, run_id: str, in_thread: RunInThread) -> Any:
    if not has_approvals(db):
        return None
    table = await made_table(db, in_thread)
    return lambda session: bring(session, table, run_id, RunStatus.error.value, [])

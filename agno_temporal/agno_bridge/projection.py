"""A run's rows in agno's database: the session's, the run's own, and one for each question.

They are written while the run goes on, all of them or none, and again from what Temporal has where a database lost
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow

from agno_temporal.agno_bridge.approval_rows import approval_rows
from agno_temporal.agno_bridge.approval_table import bring, has_approvals, made_table
from agno_temporal.agno_bridge.callers import RunInThread
from agno_temporal.agno_bridge.row_order import Over
from agno_temporal.agno_bridge.session_state import decode_state
from agno_temporal.agno_bridge.store import has_strict_text, write_run
from agno_temporal.contract.manifest import Manifest


async def write_projection(
    workflow: Workflow,
    manifest: Manifest,
    run: WorkflowRunOutput,
    in_thread: RunInThread,
    *,
    with_state: bool = True,
    is_back: bool = False,
    over: Over = Over.EARLIER,
) -> bool:
    """Write a run as it stands. Returns whether it is written: the database may have it already, or a later state.

    Args:
        run: The manifest as agno's own object, whole.
        with_state: Whether the session takes over the run's state.
        is_back: The run is at an earlier state again: it was reset. What the rows say of a later one does not count.
        over: What the write may take the place of.

    Raises:
        SessionOfAnother: The session is another user's.
        Exception: Whatever the database raises.
    """
    state = manifest.session_state if with_state else None
    return await write_run(
        workflow,
        run,
        None if state is None else decode_state(state),
        in_thread,
        as_of=manifest.as_of,
        is_back=is_back,
        over=over,
        questions=await _questions(workflow.db, manifest, run, in_thread, is_back),
    )


async def _questions(
    db: Any, manifest: Manifest, run: WorkflowRunOutput, in_thread: RunInThread, is_back: bool
) -> Callable[[Any], None] | None:
    """Writes a row for each question. None where there are none, nor a table for them.

    A run that was cancelled may have asked what it does not know any more, in a workflow task that was lost. One that
    was put back may have asked at any time what it does not ask now; but what it has forgotten it does not know either,
    and of that nothing was asked behind the newest that it knows.
    """
    may_have_rows = manifest.asked or is_back or manifest.status == "CANCELLED"
    if not (has_approvals(db) and may_have_rows):
        return None
    table = await made_table(db, in_thread)
    rows = approval_rows(manifest, run, has_strict_text(db))
    back_to = None
    if is_back:
        back_to = max((row["created_at"] for row in rows), default=0) if manifest.forgotten else 0
    return lambda session: bring(session, table, manifest.run_id, manifest.status, rows, back_to)

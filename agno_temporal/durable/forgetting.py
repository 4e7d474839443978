"""Deleting a session: everything that is kept of its runs, wherever that is.

agno deletes its own rows. Of a durable run there is more: its history in Temporal, what it has stored outside, and the
rows of what it asked. And a run that is open would write its rows anew at its next step; so a session that has one is
not deleted. The rows, which say what the runs are, go last: whatever fails on the way, it can be done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from agno.workflow import Workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.agno_bridge.approval_table import SOURCE, has_approvals, on_table
from agno_temporal.agno_bridge.database_check import ask, can_be_asked
from agno_temporal.agno_bridge.store import read_session
from agno_temporal.client import RunClient
from agno_temporal.connect.blobs import FileStorage
from agno_temporal.follow.errors import Portable
from agno_temporal.follow.visibility import quoted


class SessionInUse(Portable, RuntimeError):
    """Runs of the session are open. Nothing is deleted. `run_ids` are theirs."""

    def __init__(self, session_id: str, run_ids: Sequence[str]) -> None:
        self.run_ids = tuple(run_ids)
        super().__init__(
            f"Session {session_id!r} has runs that are open: {', '.join(run_ids)}. Cancel them, or wait for "
            "their end; nothing was deleted."
        )


async def forget_session(
    runs: RunClient, workflow: Workflow, session_id: str, user_id: str | None = None, *, delete_media: bool = False
) -> list[str]:
    """Delete a session and all that is kept of its runs: which runs those were.

    Args:
        workflow: Of the session; its database and its media storage are meant.
        user_id: Delete it only if it is this user's.
        delete_media: Delete media of the workflow's media storage too, as agno does.

    Raises:
        SessionInUse: A run of it is open.
        Exception: The database's own; it does not answer.
    """
    if workflow.db is None:
        return []
    if can_be_asked(workflow.db):
        await ask(workflow.db, asyncio.to_thread)  # agno takes one that is down for one that has no such session.
    session = await read_session(workflow, session_id, user_id, asyncio.to_thread)
    run_ids = [run_id for one in session.runs or () if (run_id := getattr(one, "run_id", None))]
    if open_ones := [run_id for run_id in run_ids if await _is_open(runs.client, run_id)]:
        raise SessionInUse(session_id, open_ones)
    for run_id in run_ids:
        await _forget_history(runs.client, run_id, runs.task_queue)
        await _forget_stored(runs.client, run_id)
    if has_approvals(workflow.db) and run_ids:
        await _forget_questions(workflow.db, run_ids)
    await Workflow.adelete_session(workflow, session_id, user_id, delete_media)
    return run_ids


async def _is_open(client: Client, run_id: str) -> bool:
    try:
        description = await client.get_workflow_handle(run_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return description.status is WorkflowExecutionStatus.RUNNING


async def _forget_history(client: Client, run_id: str, task_queue: str) -> None:
    """Every execution of the run: one that has continued as new has several. Temporal deletes in the background."""
    query = f"WorkflowId = {quoted(run_id)} AND TaskQueue = {quoted(task_queue)}"
    executions = {one.run_id async for one in client.list_workflows(query)}
    try:
        latest = await client.get_workflow_handle(run_id).describe()
        if latest.task_queue == task_queue:
            executions.add(latest.run_id)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    for execution in executions:
        request = DeleteWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=run_id, run_id=execution),
        )
        try:
            await client.workflow_service.delete_workflow_execution(request, retry=True)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


async def _forget_stored(client: Client, run_id: str) -> None:
    """What the run has in files. Buckets have rules of their own for that (docs/data.md)."""
    storage = client.data_converter.external_storage
    for driver in storage.drivers if storage else ():
        if isinstance(driver, FileStorage):
            await driver.forget(client.namespace, run_id)


async def _forget_questions(db: Any, run_ids: Sequence[str]) -> None:
    def delete(session: Any, table: Any) -> None:
        session.execute(table.delete().where(table.c.run_id.in_(run_ids), table.c.source_type == SOURCE))

    await on_table(db, delete, asyncio.to_thread)

"""Deleting a session: everything that is kept of its runs, wherever that is.

agno deletes its own rows. Of a durable run there is more: its history in Temporal, what it has stored outside, and the
rows of what it asked. And a run that is open would write its rows anew at its next step; so a session that has one is
not deleted. The rows, which say what the runs are, go last: whatever fails on the way, it can be done again.

Workflows that share a database can share a session too. What another one has in it goes only where that one is served
as well: else who deletes cannot know of it.

A history is surely the run's only on the queue of who deletes: elsewhere the same id may be another application's. Once
the rows are gone nothing says which histories there were, so a run that is on another queue keeps its session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from agno.run.workflow import WorkflowRunOutput
from agno.session.workflow import WorkflowSession
from agno.workflow import Workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.agno_bridge.approval_table import SOURCE, has_approvals, on_table
from agno_temporal.agno_bridge.database_check import ask, can_be_asked
from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.run_table import has_run_rows, open_rows
from agno_temporal.agno_bridge.session_deletion import HasGrown, delete_rows, find_session, ids_within, owners, runs_of
from agno_temporal.client import RunClient
from agno_temporal.connect.blobs import FileStorage
from agno_temporal.follow.errors import Portable
from agno_temporal.follow.visibility import ANSWERED_WITHIN, quoted


class SessionNotFound(LookupError):
    """The workflow has no such session: it is another one's. Nothing is deleted."""


class SessionShared(Portable, RuntimeError):
    """Workflows that are not served here have runs in the session too, `workflow_ids`. Nothing is deleted."""

    def __init__(self, session_id: str, workflow_ids: Sequence[str]) -> None:
        self.workflow_ids = tuple(workflow_ids)
        super().__init__(
            f"Session {session_id!r} is shared with workflows that are not served here: {', '.join(workflow_ids)}. "
            "Delete it through an API, or with `agno-temporal delete-session` and an app, that has all of them; "
            "nothing was deleted."
        )


class SessionElsewhere(Portable, RuntimeError):
    """Runs of the session are on other task queues, `queues` by run. Nothing is deleted."""

    def __init__(self, session_id: str, queues: Mapping[str, str]) -> None:
        self.queues = dict(queues)
        places = ", ".join(f"{run_id} on {queue!r}" for run_id, queue in queues.items())
        super().__init__(
            f"Session {session_id!r} has runs on another task queue: {places}. Delete it with that queue: "
            "--task-queue, AGNO_TEMPORAL_TASK_QUEUE, or an API that has it; nothing was deleted."
        )


class SessionInUse(Portable, RuntimeError):
    """Runs of the session are open. Nothing is deleted. `run_ids` are theirs."""

    def __init__(self, session_id: str, run_ids: Sequence[str], lost: Collection[str] = ()) -> None:
        self.run_ids = tuple(run_ids)
        text = (
            f"Session {session_id!r} has runs that are open: {', '.join(run_ids)}. Cancel them, or wait for "
            "their end; nothing was deleted."
        )
        if lost:
            text += (
                f" Temporal does not have {', '.join(sorted(lost))}: if it is the right one, and its namespace, end "
                "them with `agno-temporal rebuild RUN_ID app.py --lost`."
            )
        super().__init__(text)


class SessionHasGrown(SessionInUse):
    """Runs began in the session while it was being deleted. `run_ids` are theirs. Its rows are as they were."""

    def __init__(self, session_id: str, run_ids: Sequence[str]) -> None:
        self.run_ids = tuple(run_ids)
        RuntimeError.__init__(
            self,
            f"Runs began in session {session_id!r} while it was being deleted: {', '.join(run_ids)}. Its rows were not "
            "deleted; the histories of its earlier runs are. Delete it again once they have ended.",
        )


async def forget_session(
    runs: RunClient,
    workflow: Workflow,
    session_id: str,
    user_id: str | None = None,
    *,
    delete_media: bool = False,
    served: Collection[Workflow] = (),
) -> list[str]:
    """Delete a session and all that is kept of its runs: which runs those were. None of a session that is not there.

    Args:
        workflow: Of the session; its database and its media storage are meant.
        user_id: Delete it only if it is this user's.
        delete_media: Delete media of the workflow's media storage too, as agno does.
        served: Other workflows whose runs in the session may go with it.

    Raises:
        SessionNotFound: It is another workflow's.
        SessionShared: Workflows have runs in it that are not served.
        SessionInUse: A run of it is open.
        SessionHasGrown: A run began in it meanwhile.
        SessionElsewhere: A run of it is on another task queue.
        Exception: The database's own; it does not answer.
    """
    session = await _found(workflow, session_id, user_id)
    if session is None:
        return []
    _check_whose(session, workflow, served)
    run_ids = [str(run.run_id) for run in runs_of(session)]
    await _check_runs(runs, session, workflow)
    for run_id in run_ids:
        await _forget_history(runs.client, run_id, runs.task_queue)
        await _forget_stored(runs.client, run_id)
    if has_approvals(workflow.db) and run_ids:
        await _forget_questions(workflow.db, run_ids)
    try:
        await delete_rows(workflow, session_id, user_id, run_ids, delete_media)
    except HasGrown as error:
        raise SessionHasGrown(session_id, error.run_ids) from error
    return run_ids


async def has_session(workflow: Workflow, session_id: str) -> bool:
    """Whether the workflow has runs in the session, or began it, or may have: of an older one nobody may be named.

    Raises:
        Exception: The database's own; it does not answer.
    """
    session = await _found(workflow, session_id)
    return session is not None and (not (named := owners(session)) or workflow_id_of(workflow) in named)


async def _found(workflow: Workflow, session_id: str, user_id: str | None = None) -> WorkflowSession | None:
    if workflow.db is None:
        return None
    if can_be_asked(workflow.db):
        await ask(workflow.db, asyncio.to_thread)  # agno takes one that is down for one that has no such session.
    return await find_session(workflow, session_id, user_id, asyncio.to_thread)


def _check_whose(session: WorkflowSession, workflow: Workflow, served: Collection[Workflow]) -> None:
    named, workflow_id = owners(session), workflow_id_of(workflow)
    if not named - {workflow_id}:
        return
    if workflow_id not in named:
        raise SessionNotFound(f"Workflow {workflow_id!r} has no session {session.session_id!r}; nothing was deleted.")
    if others := sorted(named.difference(*(ids_within(one) for one in (workflow, *served)))):
        raise SessionShared(session.session_id, others)


async def _check_runs(runs: RunClient, session: WorkflowSession, workflow: Workflow) -> None:
    """That Temporal has them ended, and here. Of an id that is another workflow's by now, the run's history is gone.
    One that Temporal does not have may be open in another Temporal: that it has ended is what its row says."""
    open_ones, elsewhere, lost = list[str](), dict[str, str](), list[str]()
    for run in runs_of(session):
        run_id = str(run.run_id)
        if (known := await _described(runs.client, run_id)) is None:
            lost += [run_id] if await _is_open_in_the_database(workflow, run_id) else []
            continue
        if known.status is WorkflowExecutionStatus.RUNNING:
            open_ones.append(run_id)
        own = _workflow_id(run, session, workflow_id_of(workflow))
        if known.task_queue != runs.task_queue and known.workflow_type == own:
            elsewhere[run_id] = known.task_queue
    if elsewhere:
        raise SessionElsewhere(session.session_id, elsewhere)
    if open_ones or lost:
        raise SessionInUse(session.session_id, [*open_ones, *lost], lost)


async def _is_open_in_the_database(workflow: Workflow, run_id: str) -> bool:
    """Whether the row is an open run's, and not one of agno's own, which was never in Temporal."""
    if not has_run_rows(workflow.db):
        return False
    return bool(await open_rows(workflow.db, None, asyncio.to_thread, run_id=run_id))


def _workflow_id(run: WorkflowRunOutput, session: WorkflowSession, otherwise: str | None) -> str | None:
    return run.workflow_id or session.workflow_id or otherwise


async def _described(client: Client, run_id: str) -> WorkflowExecutionDescription | None:
    """The run, as Temporal has it; None where it has not."""
    try:
        return await client.get_workflow_handle(run_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def _forget_history(client: Client, run_id: str, task_queue: str) -> None:
    """Every execution of the run: one that has continued as new has several. Temporal deletes in the background."""
    query = f"WorkflowId = {quoted(run_id)} AND TaskQueue = {quoted(task_queue)}"
    executions = {one.run_id async for one in client.list_workflows(query)}
    latest = await _described(client, run_id)
    if latest is not None and latest.task_queue == task_queue and latest.run_id is not None:
        executions.add(latest.run_id)
    for execution in executions:
        request = DeleteWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=run_id, run_id=execution),
        )
        try:
            await client.workflow_service.delete_workflow_execution(request, retry=True, timeout=ANSWERED_WITHIN)
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

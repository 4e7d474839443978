"""Ending a run at once and without its consent, and telling those whom it would have told.

Nothing of a terminated run runs any more, so that no worker hears of it: steps in flight go on until they end, and the
database keeps the run as it was last written. What it would have told of its end is therefore told by whoever ends it.
A run that was terminated by others, with Temporal's own tools, is told of when it is terminated here once more.

Its end comes first. A run whose payloads nobody can open can only be terminated, and then nobody knows whom it tells.
"""

from __future__ import annotations

import logging

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.handing_over import hand_over
from agno_temporal.activities.history import MissingOutput, read_opened
from agno_temporal.contract.notice_data import end_data, run_data
from agno_temporal.contract.notices import Notice, NoticeType, notice_id
from agno_temporal.contract.sealed import Unreadable
from agno_temporal.contract.tasks import OpenedRun
from agno_temporal.follow.mending import described
from agno_temporal.follow.visibility import started
from agno_temporal.plan.data import DataError

logger = logging.getLogger("agno_temporal")


async def terminate(client: Client, run_id: str, reason: str) -> bool:
    """End a run at once. False where it had ended before.

    Raises:
        RunNotFound: There is no such run.
    """
    description = await described(client, run_id)
    was_open = description.close_time is None and await _ended(client, description, reason)
    if was_open:
        description = await described(client, run_id)
    if description.status is WorkflowExecutionStatus.TERMINATED:
        await _tell(client, description)
    return was_open


async def _ended(client: Client, description: WorkflowExecutionDescription, reason: str) -> bool:
    try:
        await client.get_workflow_handle(description.id, run_id=description.run_id).terminate(reason=reason)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def _tell(client: Client, description: WorkflowExecutionDescription) -> None:
    try:
        opened = await read_opened(client, description.id, description.run_id)
    except (Unreadable, MissingOutput, DataError) as error:
        logger.warning("run %s was terminated; whom it tells cannot be read: %s", description.id, error)
        return
    if opened is None or opened.audience is None or not (to := opened.audience.of(NoticeType.FINISHED)):
        return
    id = notice_id(description.id, "ERROR", NoticeType.FINISHED, opened.audience.told_in(description.run_id or ""))
    notice = await _notice(client, description, opened, id, to)
    await hand_over(client, notice, description.id, description.task_queue)


async def _notice(
    client: Client, description: WorkflowExecutionDescription, opened: OpenedRun, id: str, to: tuple[str, ...]
) -> Notice:
    began = (await started(client, description.raw_info)).timestamp()
    ended = (description.close_time or description.start_time).timestamp()
    name = opened.plan.workflow_name if opened.plan else None
    run = run_data(description.id, description.workflow_type, name, opened.session_id or None, opened.user_id)
    return Notice(id, NoticeType.FINISHED.value, ended, end_data(run, "ERROR", began, ended - began, None), to)

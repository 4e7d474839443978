"""Reading a run: the running one is asked, and of a closed one what it left is read.

A closed run has left its result, or the details of its failure, or, where it was cancelled and has neither, what it
recorded last; one that was terminated has left nothing. Large outputs are in none of these: they are read from the
history that they were written to.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agno.run.workflow import WorkflowRunOutput
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import read_bodies, read_opened, read_recorded, read_request, read_results
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.events import was_continued
from agno_temporal.agno_bridge.run_output import run_output
from agno_temporal.agno_bridge.values import MalformedValue, decode
from agno_temporal.client.reach import Reach
from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.request import RunRequest
from agno_temporal.follow.asking import AnswerTooLarge, query
from agno_temporal.follow.blocked import own_task
from agno_temporal.follow.errors import NoAgnoRun, NoWorker
from agno_temporal.follow.pinned import pinned_to
from agno_temporal.follow.replays import Replays
from agno_temporal.follow.unasked import Unasked
from agno_temporal.follow.visibility import started
from agno_temporal.plan.data import from_json

SNAPSHOT_AFTER = 2.0
"""Seconds that a reader who takes a replay as well waits for a worker's answer. After a kill it takes one."""


class Reading(Reach):
    """The part of a client that reads runs as they stand."""

    def __init__(
        self, client: Client, task_queue: str = names.TASK_QUEUE, *, answer_timeout: timedelta | None = None
    ) -> None:
        super().__init__(client, task_queue, answer_timeout=answer_timeout)
        self._replays = Replays(client)
        self._unasked = Unasked()

    async def manifest(self, run_id: str) -> Manifest:
        """The run as it stands, with references to large outputs. A running one that says more than a query carries is
        replayed here.

        Raises:
            RunNotFound: There is no such run.
            NoWorker: It is running, and no worker answers for it, or that worker has not the key of its encryption.
            Unreadable: The key is missing here.
        """
        description = await self._describe(run_id)
        try:
            return await self._told(description)
        except AnswerTooLarge:
            return await self._replayed(description)

    async def _told(self, description: WorkflowExecutionDescription) -> Manifest:
        """What the run says, or has left.

        Raises:
            AnswerTooLarge: It is running, and says too much.
            NoWorker: It is running, and no worker answers for it.
        """
        run_id = description.id
        handle = self.client.get_workflow_handle(run_id, run_id=description.run_id)
        match description.status:
            case WorkflowExecutionStatus.RUNNING:
                return await self._asked(handle)
            case WorkflowExecutionStatus.COMPLETED:
                return _left(run_id, await handle.result())
            case WorkflowExecutionStatus.CANCELED:
                recorded = await read_recorded(self.client, run_id, description.run_id or "")
                if recorded is not None:
                    return from_json(Manifest, recorded)
        return await self._closed(description, handle)

    async def snapshot(self, run_id: str) -> Manifest:
        """`manifest`, also where no worker answers soon: then the history is replayed here. For readers who would
        rather not know that workers come and go.

        Raises:
            RunNotFound: There is no such run.
        """
        description = await self._describe(run_id)
        if description.status is WorkflowExecutionStatus.RUNNING:
            try:
                async with asyncio.timeout(SNAPSHOT_AFTER):
                    return await self._told(description)
            except (AnswerTooLarge, NoWorker, TimeoutError):
                return await self._replayed(description)
        return await self.manifest(run_id)

    async def run_output(self, run_id: str) -> WorkflowRunOutput:
        """The run as agno's own object, whole."""
        return await self.whole(await self.manifest(run_id))

    async def whole(self, manifest: Manifest, history: str | None = None) -> WorkflowRunOutput:
        """A manifest with everything that it refers to.

        Args:
            history: Temporal's own id of the run that has it; the newest one of this id if left out.
        """
        bodies = Bodies(manifest, lenient=True)
        run_id = history or (await self._describe(manifest.run_id)).run_id or ""
        if missing := {leaf.activity_id for leaf in bodies.missing()}:
            for activity_id, body in (await read_bodies(self.client, manifest.run_id, run_id, missing)).items():
                bodies.add(activity_id, body)
        if executors := bodies.missing_events():
            for activity_id, result in (await read_results(self.client, manifest.run_id, run_id, executors)).items():
                bodies.add_events(activity_id, result.get("events"))
        request = await read_request(self.client, manifest.run_id, run_id)
        if manifest.error_type == ErrorType.INPUT_INVALID:
            request = _readable(request)
        return run_output(manifest, bodies, request)

    async def requirements(self, run_id: str) -> list[Asked]:
        """What the run waits for, in the order in which it was asked."""
        return [asked for asked in (await self.manifest(run_id)).asked if asked.resolution is None]

    async def ended(self, run_id: str) -> tuple[WorkflowRunOutput, bool]:
        """A run that has ended, and whether somebody decided in it: then agno would have continued it."""
        manifest = await self.manifest(run_id)
        return await self.whole(manifest), was_continued(manifest)

    async def _asked(self, handle: WorkflowHandle[Any, Any]) -> Manifest:
        """Ask the running workflow; once more where a killed worker took the first question with it."""
        if handle.id in self._unasked:
            raise AnswerTooLarge(handle.id, names.RUN_OUTPUT)
        for last in (False, True):
            try:
                return from_json(
                    Manifest, await query(self.client, handle, names.RUN_OUTPUT, patience=self.answer_timeout)
                )
            except AnswerTooLarge:
                self._unasked.note(handle.id)
                raise
            except RPCError as error:
                if not last and error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                    continue
                description = await self._describe(handle.id)
                if stuck := await own_task(self.client, description):
                    raise NoWorker(
                        f"Run {handle.id!r} is open, and no worker can go on with it: {stuck[0].reason}"
                    ) from error
                mend = await self._mend(description)
                raise NoWorker(
                    f"Run {handle.id!r} is open, and no worker answered for it ({error.message}){mend}."
                ) from error
        raise AssertionError("unreachable")

    async def _mend(self, description: WorkflowExecutionDescription) -> str:
        """What to do for a run that nobody has answered for."""
        if (version := pinned_to(description)) is not None:
            return f". {self._bound(description.id, version)}"
        nobody = await self.nobody_begins()
        return f": {nobody}" if nobody else f". Start one on task queue {self.task_queue!r}"

    async def _replayed(self, description: WorkflowExecutionDescription) -> Manifest:
        return await self._replays.manifest_of(description.id) or await self._bare(description, "PENDING")

    async def _bare(self, description: WorkflowExecutionDescription, status: str) -> Manifest:
        """A run of which no more is known than what it was started with, or opened as."""
        opened = await read_opened(self.client, description.id, description.run_id)
        whose = opened or await read_request(self.client, description.id, description.run_id)
        began, closed = await started(self.client, description.raw_info), description.close_time
        return Manifest(
            run_id=description.id,
            workflow_id=description.workflow_type,
            status=status,
            created_at=int(began.timestamp()),
            session_id=whose.session_id or "",
            workflow_name=opened.plan.workflow_name if opened and opened.plan else None,
            user_id=whose.user_id,
            metadata=whose.metadata,
            duration=(closed - began).total_seconds() if closed else None,
        )

    async def _closed(self, description: WorkflowExecutionDescription, handle: WorkflowHandle[Any, Any]) -> Manifest:
        """What a run left that did not end by itself, or ended before it could say anything."""
        details: tuple[Any, ...] = ()
        message = f"Run {handle.id} ended as {description.status.name if description.status else 'UNKNOWN'}"
        error_type: str | None = None
        try:
            await handle.result()
        except WorkflowFailureError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError):
                details, message, error_type = tuple(cause.details), cause.message, cause.type
        if details:
            return from_json(Manifest, details[0])
        cancelled = description.status is WorkflowExecutionStatus.CANCELED
        return replace(
            await self._bare(description, "CANCELLED" if cancelled else "ERROR"),
            content=f"Run {handle.id} was cancelled" if cancelled else message,
            cancellation_stage="PENDING" if cancelled else None,
            error_type=error_type,
        )


def _left(run_id: str, result: Any) -> Manifest:
    """
    Raises:
        NoAgnoRun: It is no result of a run.
    """
    if not isinstance(result, dict) or result.get("run_id") != run_id:
        raise NoAgnoRun(run_id)
    return from_json(Manifest, result)


def _readable(request: RunRequest) -> RunRequest:
    """What can be shown of a request that was found invalid."""
    try:
        decode(request.input, lenient=True)
    except MalformedValue:
        return RunRequest()
    return RunRequest(input=request.input)

"""Opening a run: its plan, its session and its first state, recorded once and followed to the end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from temporalio import activity

from agno_temporal.activities.beat import beating
from agno_temporal.activities.bounds import is_too_large, size_of
from agno_temporal.activities.host import Host
from agno_temporal.activities.refusals import as_temporal_failures, clipped
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.live import Compiled
from agno_temporal.agno_bridge.request import InvalidInput, check_request
from agno_temporal.agno_bridge.row_order import RunIdTaken
from agno_temporal.agno_bridge.run_output import run_output
from agno_temporal.agno_bridge.session_state import decode_state, encode_state, without_agnos_keys
from agno_temporal.agno_bridge.store import SessionOfAnother, UnstorableId, open_session, refuse_unstorable, write_run
from agno_temporal.agno_bridge.values import MalformedValue, NotSerialisable, decode, encode
from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.manifest import Manifest, moment_of
from agno_temporal.contract.notices import Audience
from agno_temporal.contract.tasks import OpenedRun, OpenTask
from agno_temporal.plan.data import Json, from_json, to_json


class OpenRun:
    """The activity `agno.open_run`, local at first."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @activity.defn(name=names.OPEN_RUN)
    async def open_run(self, task: Json) -> dict[str, Any]:
        opening = from_json(OpenTask, task)
        db = self._host.db_of(opening.workflow)
        if activity.info().is_local:
            not_yet = OpenedRun(problem="not opened at once", audience=self._audience(opening))
            return _json(await self._host.databases.at_once(db, lambda: self._opened(opening), not_yet))
        with beating(), as_temporal_failures():
            return _json(await self._host.databases.answered(db, lambda: self._opened(opening)))

    async def _opened(self, task: OpenTask) -> OpenedRun:
        """The run, or why there is none; whom it tells of either, and how long its histories are to be."""
        begun = await self._begun(task)
        return replace(begun, audience=self._audience(task), continue_after=self._host.continue_after, counted=True)

    def _audience(self, task: OpenTask) -> Audience | None:
        webhooks = self._host.webhooks
        return webhooks.audience(task.workflow) if webhooks else None

    async def _begun(self, task: OpenTask) -> OpenedRun:
        compiled = self._host.compiled(task.workflow)
        try:
            check_request(task.request, compiled.workflow)
            return await self._with_session(task, compiled)
        except (InvalidInput, MalformedValue) as error:
            return OpenedRun(problem=clipped(str(error)), problem_type=ErrorType.INPUT_INVALID, final=True)
        except NotSerialisable as error:
            return OpenedRun(problem=clipped(str(error)), problem_type=ErrorType.STATE_NOT_SERIALISABLE, final=True)
        except (RunIdTaken, SessionOfAnother, UnstorableId) as error:
            return OpenedRun(problem=clipped(str(error)), problem_type=ErrorType.BAD_REQUEST, final=True)

    async def _with_session(self, task: OpenTask, compiled: Compiled) -> OpenedRun:
        workflow, request = compiled.workflow, task.request
        session_id = request.session_id or workflow.session_id or names.session_id_of(task.run_id)
        user_id = request.user_id or workflow.user_id
        if compiled.plan.has_db:
            refuse_unstorable(run_id=task.run_id, session_id=session_id, user_id=user_id)
        in_thread = self._host.row_writer(task.run_id, workflow.db)
        metadata: Any = decode(request.metadata)
        session = await open_session(
            workflow,
            session_id,
            user_id,
            decode_state(request.session_state),
            metadata,
            in_thread,
            kept_apart=request.kept_apart,
        )
        state = without_agnos_keys(session.state)
        opened = OpenedRun(
            plan=compiled.plan,
            session_id=session_id,
            user_id=user_id,
            session_state=encode_state(state),
            metadata=encode(session.metadata, "metadata"),
        )
        if is_too_large(size := size_of(to_json(opened))):
            return OpenedRun(problem=_too_large(opened, size), problem_type=ErrorType.INPUT_TOO_LARGE, final=True)
        if compiled.plan.has_db and not task.cancelled:
            first = run_output(_first(task, opened), Bodies(), request)
            as_of = (moment_of(task.started_at), 0, 0, 0)
            start = moment_of(task.taken_at or task.started_at) if task.is_new else None
            await write_run(workflow, first, state, in_thread, session=session.session, as_of=as_of, start=start)
        return opened


def _too_large(opened: OpenedRun, size: int) -> str:
    return (
        f"The run would start with {size / 1e6:.1f} MB, of which the session state has "
        f"{size_of(opened.session_state) / 1e6:.1f}; Temporal takes 2 MB per payload. Keep large values out of "
        "session_state: store a reference (docs/limits.md)."
    )


def _first(task: OpenTask, opened: OpenedRun) -> Manifest:
    """The run before its first step."""
    return Manifest(
        run_id=task.run_id,
        workflow_id=task.workflow,
        workflow_name=opened.plan.workflow_name if opened.plan else None,
        status="RUNNING",
        created_at=int(task.started_at),
        session_id=opened.session_id,
        user_id=opened.user_id,
        metadata=opened.metadata,
    )


def _json(opened: OpenedRun) -> dict[str, Any]:
    data: dict[str, Any] = to_json(opened)
    return data

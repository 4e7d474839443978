"""One request of AgentOS: the copy of a durable workflow that its routes work on.

AgentOS copies a workflow for each request (agno/os/utils.py:1836), and its routes expect what agno's own methods do
beyond their documentation: None for a run that is not there, frames instead of events in the background, a session
whose last run is this request's. They look at the database right after a pause or an end, which is why both are stored
before they are told.

Where a route would answer 500 for whatever is raised, the answer is made here. A run that failed is a run with the
status ERROR, and one that no worker has begun is PENDING: both are durable, and the caller gets them as they stand.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from agno.exceptions import RunNotContinuableError
from agno.os.job_queue import aprepare_queued_run
from agno.run.authorization import current_authorization
from agno.run.workflow import WorkflowRunOutput, WorkflowRunOutputEvent
from agno.session.workflow import WorkflowSession

from agno_temporal.agentos.doors import open_only
from agno_temporal.agentos.event_stream import claim
from agno_temporal.agentos.frames import frames
from agno_temporal.agentos.sockets import pump
from agno_temporal.agentos.statuses import Unanswered, refusing_a_start, unanswered, unanswered_in_a_stream
from agno_temporal.agno_bridge.pending import pending_run
from agno_temporal.client import DecisionRefused, NoWorker, RunNotFound
from agno_temporal.contract.manifest import ENDED, Manifest
from agno_temporal.contract.request import RunRequest
from agno_temporal.durable.answers import AnyRequirement
from agno_temporal.durable.legs import View, placed
from agno_temporal.durable.workflow import DurableWorkflow

logger = logging.getLogger("agno_temporal")


class Served(DurableWorkflow):
    """A durable workflow, for one request."""

    _mine: tuple[str, str | None] | None
    """The run of this request, and its session."""

    @classmethod
    def of(cls, durable: DurableWorkflow) -> Served:
        """The copy; the request is for the runs of this workflow, and no others."""
        served = cls.__new__(cls)
        served.__dict__.update(durable.__dict__)
        served._mine = None
        open_only((served._runs, served.id or ""))
        return served

    def arun(  # type: ignore[override]
        self, input: Any = None, *, stream: bool | None = None, stream_events: bool | None = None, **options: Any
    ) -> Coroutine[Any, Any, Any] | AsyncIterator[Any]:
        """As AgentOS calls it: in the background with `stream`, it yields frames; with a socket, it sends events to it.

        `background_tasks` are for hooks, which run in their step here.
        """
        view = self._view(stream, stream_events)
        options.pop("background_tasks", None)
        options.pop("enable_websocket", None)
        websocket = options.pop("websocket", None)
        if websocket is not None:
            return self._run_on_socket(input, options, view, websocket)
        if not view.stream:
            return self._run(input, options)
        return (
            self._frames(input, options, view) if options.get("background") else self._run_stream(input, options, view)
        )

    async def acontinue_run(self, run_response: WorkflowRunOutput | None = None, **options: Any) -> Any:
        """As AgentOS calls it; with a socket, it sends the events that follow to it."""
        options.pop("background_tasks", None)
        options.pop("enable_websocket", None)
        websocket = options.pop("websocket", None)
        run_id = options.get("run_id") or (run_response and run_response.run_id)
        if websocket is None and not options.get("stream"):
            with unanswered():
                await self._check_own(run_id or "")
                return await super().acontinue_run(run_response, **options)
        with unanswered_in_a_stream():
            await self._check_own(run_id or "")
            if websocket is None:
                return await super().acontinue_run(run_response, **options)
            return await self._continue_on_socket(run_response, options, websocket)

    async def _continue_on_socket(
        self, run_response: WorkflowRunOutput | None, options: dict[str, Any], websocket: Any
    ) -> WorkflowRunOutput | None:
        view = View(stream=True, stream_events=True)
        given = {
            name: value for name, value in options.items() if name not in ("stream", "stream_events", "background")
        }
        named = (given.pop(name, None) for name in ("run_id", "session_id", "step_requirements"))
        continued, seen, _ = await self._decide(run_response, *named, given, view)
        pump(self._runs, continued, seen, websocket)
        return run_response

    async def acancel_run(self, run_id: str) -> bool:
        """False, too, where there is no such run of this workflow."""
        try:
            with unanswered():
                await self._check_own(run_id)
                return await super().acancel_run(run_id)
        except RunNotFound:
            return False

    async def aget_run_output(  # type: ignore[override]
        self, run_id: str, session_id: str | None = None, user_id: str | None = None
    ) -> WorkflowRunOutput | None:
        """The run as it stands, or None. A run that has ended is read from the database, and any other one is asked:
        its row is as old as its last pause, and is told where nobody answers."""
        session = await super().aget_session(session_id, user_id) if session_id and self.db is not None else None
        row = self._row(session, run_id)
        if row is not None and row.status in ENDED:
            return row
        try:
            with unanswered():
                await self._check_own(run_id)
                return placed(await self._runs.whole(await self._runs.snapshot(run_id)), session_id, user_id)
        except RunNotFound:
            return row
        except Unanswered:
            if row is None:
                raise
            return row

    def _row(self, session: WorkflowSession | None, run_id: str) -> WorkflowRunOutput | None:
        """The run's row in its session. Workflows may share one, and a socket that joins a run again is asked neither
        for its session's workflow nor for its run's (agno/os/routers/workflows/router.py:714)."""
        row = session.get_run(run_id) if session is not None else None
        if session is None or not isinstance(row, WorkflowRunOutput):
            return None
        return row if (row.workflow_id or session.workflow_id) == self.id else None

    async def aget_session(self, session_id: str | None = None, user_id: str | None = None) -> WorkflowSession | None:
        """The session, with the run of this request as its last: AgentOS ends a stream with the pause of the last one,
        and others run in the same session (agno/os/routers/workflows/router.py:1203)."""
        mine, own = self._mine or (None, None)
        session_id = own or session_id
        session = await super().aget_session(session_id, user_id) if session_id and self.db is not None else None
        if mine is None:
            return session
        run = await self.aget_run_output(mine, session_id)
        session = session or WorkflowSession(session_id=session_id or "", workflow_id=self.id)
        session.runs = [one for one in session.runs or () if one.run_id != mine] + ([run] if run is not None else [])
        return session

    async def _apublish_stream_event(self, event: Any, run_id: str, websocket_handler: Any = None) -> int | None:
        """Nothing is published: whoever reads the event stream reads the run."""
        return getattr(event, "event_index", None)

    async def _run(self, input: Any, options: dict[str, Any]) -> WorkflowRunOutput:
        background = options.pop("background", None)
        with unanswered(), refusing_a_start():
            run_id, request = await self._start(input, options, View())
        if background:
            await self._show_accepted(run_id, request, input)
            return pending_run(self._workflow, request, run_id)
        with unanswered():
            try:
                async with self._shown_unbegun(run_id, request, input):
                    return await self._settled(run_id)
            except NoWorker:
                return pending_run(self._workflow, request, run_id)

    async def _run_stream(
        self, input: Any, options: dict[str, Any], view: View
    ) -> AsyncGenerator[WorkflowRunOutputEvent, None]:
        options.pop("background", None)
        run_id, request = await self._start(input, options, view)
        async with self._shown_unbegun(run_id, request, input), aclosing(self._events(run_id, -1, view)) as events:
            async for event in events:
                yield event

    @asynccontextmanager
    async def _shown_unbegun(self, run_id: str, request: RunRequest, input: Any) -> AsyncIterator[None]:
        """Of a run that nobody has begun, and whose caller is not to wait for that, a row is written."""
        try:
            yield
        except NoWorker:
            await self._show_accepted(run_id, request, input)
            raise

    async def _show_accepted(self, run_id: str, request: RunRequest, input: Any) -> None:
        """A row for who asks before a worker has begun: it says PENDING, and one that is there already stands. A
        database that is down delays the news, and not the run."""
        if self.db is None:
            return
        try:
            await aprepare_queued_run(self, "workflow", run_id, request.session_id or "", request.user_id, input)
        except Exception:
            logger.warning("run %s is started; that could not be written to the database yet", run_id, exc_info=True)

    async def _settled(self, run_id: str) -> WorkflowRunOutput:
        return await self._runs.whole(await self._runs.wait(run_id))

    async def _frames(self, input: Any, options: dict[str, Any], view: View) -> AsyncGenerator[str, None]:
        options.pop("background", None)
        run_id, request = await self._start(input, options, view)
        sending = frames(self._runs, run_id, -1, stream_events=view.stream_events)
        with unanswered_in_a_stream():
            async with self._shown_unbegun(run_id, request, input), aclosing(sending) as sent:
                async for one in sent:
                    yield one

    async def _run_on_socket(self, input: Any, options: dict[str, Any], view: View, websocket: Any) -> Any:
        options.pop("background", None)
        run_id, request = await self._start(input, options, view)
        pump(self._runs, run_id, -1, websocket)
        await self._show_accepted(run_id, request, input)
        return pending_run(self._workflow, request, run_id)

    async def _events(self, run_id: str, seen: int, view: View) -> AsyncGenerator[WorkflowRunOutputEvent, None]:
        """A failure is the last event, and no exception besides."""
        with unanswered_in_a_stream():
            async with aclosing(self._runs.leg(run_id, seen, stream_events=view.stream_events)) as events:
                async for _, event in events:
                    yield event

    async def _start(self, input: Any, options: dict[str, Any], view: View) -> tuple[str, RunRequest]:
        if "additional_data" in options:
            options["additional_data"] = _of_a_form(options["additional_data"])
        with unanswered_in_a_stream():
            run_id, request = await super()._start(input, options, view)
        self._take(run_id, request.session_id)
        return run_id, request

    def _is_drawn(self, session_id: str | None) -> bool:
        """AgentOS draws one for a request that names none, and does not say so: a caller's run id is its run, and the
        request is the same if it is so in the session of the run that is there."""
        return True

    async def _decide(self, *args: Any) -> tuple[str, int, bool]:
        try:
            run_id, seen, background = await super()._decide(*args)
        except DecisionRefused as error:
            if error.is_late:
                raise RunNotContinuableError(str(error)) from error
            raise
        self._take(run_id, None)
        return run_id, seen, background

    def _take(self, run_id: str, session_id: str | None) -> None:
        self._mine = (run_id, session_id)
        claim(self._runs, run_id, self.id or "")

    def _nothing_decided(self, given: Sequence[AnyRequirement] | None, manifest: Manifest) -> None:
        super()._nothing_decided(given or (), manifest)
        raise RunNotContinuableError(f"run is already {manifest.status.lower()}")

    def _actor(self) -> str | None:
        """Whom AgentOS has verified (`authorization=True`, or a service account)."""
        authority = current_authorization()
        return None if authority is None else authority.context.principal_id

    async def _check_own(self, run_id: str) -> None:
        """
        Raises:
            RunNotFound: There is no such run of this workflow.
        """
        if not await self._runs.is_of(run_id, self.id or ""):
            raise RunNotFound(f"There is no run {run_id!r} of workflow {self.id!r}.")


def _of_a_form(field: Any) -> Any:
    """What the JSON in a field of a form says. Of those that hold an object, AgentOS reads all but `additional_data`
    (agno/os/utils.py:166). Text that is no JSON is left, and refused as text."""
    if isinstance(field, str):
        with suppress(ValueError, RecursionError):
            return json.loads(field)
    return field

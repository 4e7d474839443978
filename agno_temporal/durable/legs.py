"""What the methods of a durable workflow do: start, decide and read, and wait for the run's end or its next pause.

Whoever calls is not needed for the run to go on. So between a start and its answer nothing is kept here that is not in
the run: a caller that dies comes back by the run's id. And of what a caller hands back only the decisions are taken,
all of them or none: each is judged against the run as it stands before the first one is sent. What happens meanwhile, a
deadline or somebody else's decision, may still come between two of them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput, WorkflowRunOutputEvent
from agno.workflow import Workflow
from agno.workflow.types import StepRequirement

from agno_temporal.activities.history import read_request
from agno_temporal.agno_bridge.pending import pending_run
from agno_temporal.agno_bridge.request import request_of
from agno_temporal.agno_bridge.run_options import refuse_unsupported
from agno_temporal.client import RunClient, RunError, RunIdReused, RunNotFound, refuse_any
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.request import RunRequest
from agno_temporal.durable.answers import AnyRequirement, new_decisions, nothing_decided


@dataclass(frozen=True)
class View:
    """How a caller watches a run."""

    stream: bool = False
    stream_events: bool = False


class Legs(Workflow):
    """A workflow's way from one pause to the next. What calls it is `DurableWorkflow`."""

    _workflow: Workflow
    _runs: RunClient
    _drawn: str | None
    """The session that was drawn for this object, which nobody named."""

    async def _found(self, run_id: str, session_id: str | None, user_id: str | None = None) -> WorkflowRunOutput:
        return placed(await self._runs.run_output(run_id), session_id, user_id)

    def _view(self, stream: bool | None, stream_events: bool | None) -> View:
        """agno/workflow/workflow.py:10945."""
        return View(bool(self.stream if stream is None else stream), bool(stream_events or self.stream_events))

    async def _run(self, input: Any, options: dict[str, Any]) -> WorkflowRunOutput:
        background = options.pop("background", None)
        run_id, request = await self._start(input, options, View())
        return pending_run(self._workflow, request, run_id) if background else await self._settled(run_id)

    async def _run_stream(
        self, input: Any, options: dict[str, Any], view: View
    ) -> AsyncGenerator[WorkflowRunOutputEvent, None]:
        """A stream, in the background too: a run goes on without its reader."""
        options.pop("background", None)
        run_id, _ = await self._start(input, options, view)
        async with aclosing(self._events(run_id, -1, view)) as events:
            async for event in events:
                yield event

    async def _events(self, run_id: str, seen: int, view: View) -> AsyncGenerator[WorkflowRunOutputEvent, None]:
        """The events after those that were seen, to the run's end or its next pause."""
        async with aclosing(self._runs.leg(run_id, seen, stream_events=view.stream_events)) as events:
            async for _, event in events:
                yield event
        manifest = await self._runs.manifest(run_id)
        if manifest.status == RunStatus.error.value:
            raise RunError(await self._runs.whole(manifest), manifest.error_type)

    async def _start(self, input: Any, options: dict[str, Any], view: View) -> tuple[str, RunRequest]:
        refuse_unsupported(options)
        run_id = _id(options, "run_id", None) or str(uuid4())
        request = self._request(input, {**options, "stream": view.stream, "stream_events": view.stream_events})
        request = replace(request, store_events=self._kept_events())
        try:
            await self._runs.start(self.id or "", request, run_id)
        except RunIdReused:
            if not self._is_drawn(request.session_id):
                raise
            # Another process has drawn another one for the same request.
            first = await read_request(self._runs.client, run_id, None)
            request = replace(request, session_id=first.session_id)
            await self._runs.start(self.id or "", request, run_id)
            self.session_id = self._drawn = first.session_id
        return run_id, request

    def _kept_events(self) -> bool | None:
        """Whether the run's row is to keep its events, where that was set on this object: AgentOS asks it of every
        workflow (agno/os/app.py:1303), and its routes read them. None where the workers know it already."""
        asked = bool(self.store_events)
        return None if asked == bool(self._workflow.store_events) else asked

    def _is_drawn(self, session_id: str | None) -> bool:
        """Whether nobody named this session."""
        return session_id == self._drawn

    def _request(self, input: Any, options: dict[str, Any]) -> RunRequest:
        """agno keeps a session id that it drew, for the next run of the same object (agno/workflow/workflow.py:930)."""
        session_id = _id(options, "session_id", self.session_id)
        if session_id is None:
            session_id = self.session_id = self._drawn = str(uuid4())
        user_id = _id(options, "user_id", self.user_id)
        return request_of(self._workflow, input, session_id=session_id, user_id=user_id, **options)

    async def _decide(
        self,
        run_response: WorkflowRunOutput | None,
        run_id: str | None,
        session_id: str | None,
        requirements: list[StepRequirement] | None,
        options: dict[str, Any],
        view: View,
    ) -> tuple[str, int, bool]:
        """Send what is new. Returns the run's id, for a stream the number of its last event before, and whether the
        caller does not wait."""
        refuse_unsupported(options)
        background = bool(options.pop("background", None))
        if options:
            raise TypeError(f"continue_run() has no option {', '.join(map(repr, sorted(options)))}.")
        if run_response is not None and run_response.status != RunStatus.paused:
            raise ValueError(f"Cannot continue a run that is not paused. Current status: {run_response.status}")
        run_id = run_id or (run_response.run_id if run_response else None)
        if run_id is None:
            raise ValueError("Either run_response or run_id must be provided.")
        if requirements is None and run_response is not None:
            requirements = run_response.step_requirements
        names_it_alone = run_response is None and requirements is None
        given = [*(requirements or ()), *((run_response and run_response.error_requirements) or ())]
        manifest = await self._runs.manifest(run_id)
        now = placed(await self._runs.whole(manifest), session_id)
        own = [*(now.step_requirements or ()), *(now.error_requirements or ())]
        decisions = list(new_decisions(given, own, manifest))
        if not decisions:
            self._nothing_decided(None if names_it_alone else given, manifest)
        refuse_any(manifest, decisions)
        seen = await self._runs.event_count(run_id) - 1 if view.stream else -1
        for decision in decisions:
            await self._runs.decide(run_id, replace(decision, decided_by=self._actor()))
        return run_id, seen, background

    def _nothing_decided(self, given: Sequence[AnyRequirement] | None, manifest: Manifest) -> None:
        """A run that goes on can be waited for. So whoever names it alone, and has seen no question of it, gets it as
        it waits: nobody knows whether it did already when he asked."""
        if given is not None and manifest.status == RunStatus.paused.value:
            raise ValueError(nothing_decided(given, manifest))

    def _actor(self) -> str | None:
        """Who decides. agno's methods have no place for it."""
        return None

    async def _then(self, run_id: str, background: bool) -> WorkflowRunOutput:
        return await self._runs.run_output(run_id) if background else await self._settled(run_id)

    async def _settled(self, run_id: str) -> WorkflowRunOutput:
        manifest = await self._runs.wait(run_id)
        run = await self._runs.whole(manifest)
        if run.status == RunStatus.error:
            raise RunError(run, manifest.error_type)
        return run


def _id(options: dict[str, Any], name: str, otherwise: str | None) -> str | None:
    """An id from the options of a run, or else the workflow's own.

    Raises:
        TypeError: It is no text. agno's databases take a number too; the worker would refuse the whole request.
    """
    given = options.pop(name, None)
    for id in (given, otherwise):
        if not isinstance(id, str | None):
            raise TypeError(f"{name}={id!r} is no text. Pass it as str({id!r}).")
    return given or otherwise


def placed(run: WorkflowRunOutput, session_id: str | None, user_id: str | None = None) -> WorkflowRunOutput:
    """
    Raises:
        RunNotFound: The run is in another session, or another user's.
    """
    if session_id is not None and run.session_id != session_id:
        raise RunNotFound(f"There is no run {run.run_id!r} in session {session_id!r}.")
    if user_id is not None and run.user_id != user_id:
        raise RunNotFound(f"There is no run {run.run_id!r} of user {user_id!r}.")
    return run

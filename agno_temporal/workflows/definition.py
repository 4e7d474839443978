"""The one workflow definition behind every agno workflow.

It is dynamic, so that each agno workflow keeps its own type name in Temporal's lists; and it is unsandboxed, because it
runs no user code, and the sandbox would cost half as much again in CPU and memory (docs/design.md).

It catches what callers can get wrong and nothing else: an unexpected exception of ours fails the workflow task, which
Temporal repeats until a deploy mends it, instead of a gate that has been open for ninety days.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from agno_temporal.contract import names
from agno_temporal.contract.chapter import Continued
from agno_temporal.contract.errors import ErrorType, as_unicode
from agno_temporal.contract.events import EventsAsked
from agno_temporal.contract.outputs import Made
from agno_temporal.contract.request import MAX_DEPTH, RunRequest
from agno_temporal.contract.sealed import Unopened, refuse_unopened
from agno_temporal.hitl import Actor, Resolution
from agno_temporal.plan import StepNode
from agno_temporal.plan.data import Json, from_json, to_json, within_depth
from agno_temporal.workflows import calls
from agno_temporal.workflows.chapters import Chapters
from agno_temporal.workflows.failures import CancelledAtWork, RunCancelled, RunFailed, StepFailed
from agno_temporal.workflows.gate import Gates
from agno_temporal.workflows.handlers import Decisions
from agno_temporal.workflows.notices import Notices
from agno_temporal.workflows.put_back import PutBack
from agno_temporal.workflows.report import manifest_json
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.sending import room


@workflow.defn(dynamic=True, sandboxed=False)
class AgnoRun:
    """A run of an agno workflow. Its type is the workflow's id, its id the run's."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        self._bad_request: str | None = None
        self._unopened: Unopened | None = None
        self._error = ""
        request, continued = RunRequest(), None
        try:
            continued = _continued(args)
            request = _request(args if continued is None else args[:1])
        except Unopened as error:
            self._unopened = error
        except Exception as error:
            self._bad_request = f"The start arguments are not a run request: {_said(error)}."
        self._state = RunState(request)
        self._notices = Notices(self._state)
        self._gates = Gates(self._state, self._notices)
        self._decisions = Decisions(self._state, self._gates)
        self._chapters = Chapters(self._state, self._gates, self._notices, continued)
        self._put_back = PutBack(self._state, self._notices)

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> dict[str, Any]:
        if self._unopened is not None:
            raise self._unopened  # It fails the workflow task, and the run waits for the key.
        if self._bad_request is not None:
            raise ApplicationError(
                as_unicode(self._bad_request) + ' Send one object, such as {"input": "..."}.',
                type=ErrorType.BAD_REQUEST.value,
                non_retryable=True,
            )
        try:
            return await self._ran()
        finally:
            self._put_back.stop()

    async def _ran(self) -> dict[str, Any]:
        """
        Raises:
            CancelledError, ApplicationError: The run ended in this way; the manifest is in the history, or in here.
        """
        cancelled = await self._execute()
        self._state.duration = workflow.time() - self._state.started_at
        with self._state.events.held():
            self._end_events(cancelled)
            await _past_a_cancel(self._write)
        await self._notices.finished()
        await _past_a_cancel(lambda: room(self._state))
        await _past_a_cancel(lambda: workflow.wait_condition(workflow.all_handlers_finished))
        manifest: dict[str, Any] = manifest_json(self._state.manifest())
        if cancelled:
            await calls.record(self._state, manifest)
            raise asyncio.CancelledError
        if self._state.status == "ERROR":
            text = as_unicode(self._state.content or "")
            raise ApplicationError(text, manifest, type=self._state.error_type, non_retryable=True)
        return manifest

    async def _write(self) -> None:
        """The rows of its end. An operator may give them up (`temporal activity fail`), and not the run with them."""
        try:
            await calls.project(self._state)
        except RunFailed as error:
            workflow.logger.warning("%s The run ends without its last rows.", error.message)

    async def _execute(self) -> bool:
        """Run the plan to one of its ends. Returns whether a cancel request was the end."""
        state = self._state
        try:
            if self._chapters.is_first:
                await self._open()
            await self._chapters.walk()
            state.status = "COMPLETED"
        except asyncio.CancelledError:
            stage = self._stage_of_cancel()
            if state.plan is None and workflow.patched(names.OPENED_TO_BE_CANCELLED):
                await self._open_to_be_cancelled()
            self._cancelled(stage, f"Run {state.run_id} was cancelled")
            return True
        except CancelledAtWork as error:
            self._cancelled("EXECUTING", error.reason)
        except RunCancelled as error:
            state.status, state.content, state.cancellation_stage = "CANCELLED", error.reason, "PAUSED"
        except StepFailed as error:
            self._failed(error.message, ErrorType.RUN_FAILED)
        except RunFailed as error:
            self._failed(error.message, error.error_type)
        return False

    async def _open(self) -> None:
        opened = await calls.open_run(self._state)
        self._notices.begin(opened.audience)
        if opened.plan is None:
            raise RunFailed(opened.problem or "The run has no plan.", opened.problem_type or ErrorType.RUN_FAILED)
        self._state.begin(opened, opened.plan)

    async def _open_to_be_cancelled(self) -> None:
        """The opening that was broken off may have written a row by which the run goes on, or may yet write one; and
        who is to be told of its end is only known then. This one writes no row, which could land behind the end. A run
        that cannot be opened ends all the same, and at once."""
        opened = await calls.open_at_once(self._state, cancelled=True)
        self._notices.begin(opened.audience)
        if opened.plan is not None:
            self._state.begin(opened, opened.plan)

    def _end_events(self, cancelled: bool) -> None:
        """The run's last events. agno closes a run that was cancelled at work with both, and one that a rejection
        cancels with the first alone (agno/workflow/workflow.py:4820, 8817)."""
        events, state = self._state.events, self._state
        if state.status == "ERROR":
            events.add("WorkflowError", text=self._error)
        if state.status == "CANCELLED":
            events.add("WorkflowCancelled", text=state.content)
        if state.status == "COMPLETED" and state.agent is not None:
            events.add("WorkflowAgentCompleted", output=state.agent)
        if cancelled or state.cancellation_stage == "EXECUTING" or state.status == "COMPLETED":
            events.add("WorkflowCompleted")
        events.ended = True

    def _failed(self, message: str, error_type: str) -> None:
        self._state.status = "ERROR"
        self._error = message
        self._state.content = f"Workflow execution failed: {message}"
        self._state.error_type = error_type

    def _stage_of_cancel(self) -> str:
        waited = any(resolution and _is_cancel(resolution) for _, resolution in self._state.ledger.all())
        return "PENDING" if self._state.plan is None else "PAUSED" if waited else "EXECUTING"

    def _cancelled(self, stage: str, reason: str) -> None:
        """agno/workflow/workflow.py:4205: what was running is shown as cut off; a pause has nothing to cut off."""
        state = self._state
        state.cancellation_stage = stage
        state.status = "CANCELLED"
        state.content = reason
        node = state.current
        if node is not None and state.cancellation_stage == "EXECUTING":
            step = node if isinstance(node, StepNode) else None
            state.results.append(
                Made(
                    node.name,
                    None,
                    step_id=step.step_id if step else None,  # Containers show none there.
                    step_type="Step",
                    executor_type=step.executor.value if step else None,
                    executor_name=step.executor_name if step else None,
                    success=False,
                    error="Cancelled during execution",
                )
            )

    @workflow.update(name=names.DECIDE)
    async def decide(self, raw: RawValue) -> dict[str, Any]:
        return await self._decisions.decide(raw)

    @decide.validator
    def check_decision(self, raw: RawValue) -> None:
        self._decisions.check(raw)

    @workflow.signal(dynamic=True)
    async def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        await self._decisions.signal(name, args)

    @workflow.query(name=names.RUN_OUTPUT)
    def run_output(self) -> dict[str, Any]:
        manifest: dict[str, Any] = manifest_json(self._state.manifest())
        return manifest

    def as_of(self) -> tuple[int, ...]:
        """Where the run, as it stands, comes among the writes of its rows: behind its last one, or with it, and before
        the next."""
        return self._state.as_of(self._state.occurrences.get("project", 0))

    @workflow.query(name=names.EVENTS)
    def events(self, asked: Any = None) -> dict[str, Any]:
        page: dict[str, Any] = to_json(self._state.event_page(from_json(EventsAsked, asked or {})))
        return page

    @workflow.query(name=names.REQUIREMENTS)
    def requirements(self) -> list[Json]:
        return [to_json(asked) for asked in self._state.manifest().asked if asked.resolution is None]


async def _past_a_cancel(work: Callable[[], Awaitable[None]]) -> None:
    """A run that has ended cannot be cancelled: what it did is written all the same."""
    try:
        await work()
    except asyncio.CancelledError:
        await work()


def _continued(args: Sequence[RawValue]) -> Continued | None:
    """What the last Temporal run of this run has left. No caller can send such a thing."""
    if len(args) != 2 or workflow.info().continued_run_id is None:
        return None
    refuse_unopened(args[1].payload.metadata, "What the run goes on with")
    return from_json(Continued, workflow.payload_converter().from_payload(args[1].payload))


def _request(args: Sequence[RawValue]) -> RunRequest:
    if len(args) != 1:
        raise ValueError(f"expected one, got {len(args)}")
    refuse_unopened(args[0].payload.metadata, "The request of the run")
    data = workflow.payload_converter().from_payload(args[0].payload)
    if not within_depth(data, MAX_DEPTH):
        raise ValueError(f"it is nested deeper than {MAX_DEPTH}")
    if not isinstance(data, dict):
        raise ValueError(f"expected an object, got {type(data).__name__}")
    return from_json(RunRequest, data)


def _said(error: Exception) -> str:
    """As whoever started the run reads it, who knows its fields and not our class."""
    return str(error).removeprefix(f"{RunRequest.__name__}.").rstrip(".")


def _is_cancel(resolution: Resolution) -> bool:
    return resolution.decision.decided_by == Actor.CANCEL

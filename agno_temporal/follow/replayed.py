"""A run without a worker: the history is replayed here.

A query is answered by a worker, also that of a run that has ended, and there may be none: a reader of old runs would
see nothing of them. But the interpreter needs neither agno nor the user's code, and its history tells it all that it
ever knew. So where no worker answers, this process replays the history, and asks the interpreter itself. Where what it
says is larger than an answer to a query may be, too: here it goes over no wire.

It is asked before the replay takes the workflow down, which cancels its tasks: a run that waits would take that for its
own cancellation, and tell that it had ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from temporalio import workflow
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowInterceptorClassInput,
    WorkflowRunner,
)

from agno_temporal.contract.events import EventPage, EventsAsked
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.sealed import Unopened
from agno_temporal.follow.recorded import recorded
from agno_temporal.plan.data import Json, from_json, to_json
from agno_temporal.workflows.definition import AgnoRun
from agno_temporal.workflows.run_state import BeingBrought
from agno_temporal.workflows.uninterrupted import Uninterrupted

T = TypeVar("T")


class Answers(Protocol):
    """What replays have answered to the same question."""

    def known(self, history: WorkflowHistory) -> Json:
        """The answer, as far as a history like this has had it; else None."""

    def learn(self, history: WorkflowHistory, answer: Json) -> None:
        """That this history has it."""


async def page_of(client: Client, run_id: str, asked: EventsAsked, answers: Answers | None = None) -> EventPage:
    """The run's events from a number on; none of a run that no worker ever began.

    Raises:
        RPCError: There is no such run.
        Exception: This version cannot replay it.
    """
    page = await _replayed(client, run_id, lambda run: run.events(to_json(asked)), answers)
    return EventPage() if page is None else from_json(EventPage, page)


async def manifest_of(client: Client, run_id: str, answers: Answers | None = None) -> Manifest | None:
    """The run as it stands, and where that comes among the writes of its rows (`Manifest.as_of`); None where no worker
    ever began it.

    Raises:
        As `page_of`.
    """
    manifest = await _replayed(client, run_id, lambda run: {**run.run_output(), "as_of": [*run.as_of()]}, answers)
    return None if manifest is None else from_json(Manifest, manifest)


async def _replayed(client: Client, run_id: str, ask: Callable[[AgnoRun], Json], answers: Answers | None) -> Json:
    """What the run answers, as its history tells it up to now. Where it has just gone on in another Temporal run, and
    no worker has begun that one, the one before it answers."""
    place: str | None = None
    while True:
        history = await client.get_workflow_handle(run_id, run_id=place).fetch_history()
        if answers is not None and (known := answers.known(history)) is not None:
            return known
        with suppress(BeingBrought):
            if (answer := await _asked(client, history, ask)) is not None:
                if answers is not None:
                    answers.learn(history, answer)
                return answer
        first = history.events[0].workflow_execution_started_event_attributes
        if not (place := first.continued_execution_run_id):
            return None


async def _asked(client: Client, history: WorkflowHistory, ask: Callable[[AgnoRun], T]) -> T | None:
    asking = _Asking(ask)
    replayer = Replayer(
        workflows=[AgnoRun],
        data_converter=client.data_converter,
        interceptors=[asking],
        unsandboxed_workflow_runner=asking.runner,
    )
    if (known := recorded(history)) is None:
        return None
    try:
        await replayer.replay_workflow(known)
    except RuntimeError as error:
        if asking.failure is not None:
            _raise_unopened(client.data_converter, asking.failure, error)
        raise
    if asking.error is not None:
        raise asking.error
    return asking.answer


def _raise_unopened(converter: DataConverter, failure: Failure, because: Exception) -> None:
    """
    Raises:
        Unopened: What failed is that a payload could not be opened.
    """
    cause: BaseException | None = converter.failure_converter.from_failure(failure, converter.payload_converter)
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.type == Unopened.__name__:
            raise Unopened(cause.message) from because
        cause = cause.__cause__


class _Asking(Interceptor, Generic[T]):
    """Knows the workflow's object, and asks it at the end of its history."""

    def __init__(self, ask: Callable[[AgnoRun], T]) -> None:
        self.answer: T | None = None
        self.error: Exception | None = None
        self.failure: Failure | None = None
        self.runner = _Runner(self)
        self._ask = ask
        self._run: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def at_the_end(self) -> None:
        """An exception would keep the replay from taking the workflow down, so that it is raised later. What the run
        says may depend on the workflow's loop, which knows its history and its time."""
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self._loop)
        try:
            self.answer = None if self._run is None else self._ask(self._run)
        except Exception as error:
            self.error = error
        finally:
            asyncio._set_running_loop(before)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        asking = self

        class Catching(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                asking._run, asking._loop = workflow.instance(), asyncio.get_running_loop()
                return await super().execute_workflow(input)

        return Catching


class _Runner(WorkflowRunner):
    """Runs workflows as a worker does, and notices their end."""

    def __init__(self, asking: _Asking[Any]) -> None:
        self._asking = asking
        self._inner = Uninterrupted()

    def prepare_workflow(self, defn: Any) -> None:
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = self._inner.create_instance(det)
        activate = instance.activate

        def asked_first(act: WorkflowActivation) -> WorkflowActivationCompletion:
            if any(job.HasField("remove_from_cache") for job in act.jobs):
                self._asking.at_the_end()
            completion = activate(act)
            if completion.HasField("failed"):
                self._asking.failure = Failure()
                self._asking.failure.CopyFrom(completion.failed.failure)  # It is encrypted later, in its place.
            return completion

        instance.activate = asked_first  # type: ignore[method-assign]
        return instance

"""A run without a worker: the history is replayed here.

A query is answered by a worker, also that of a run that has ended, and there may be none: a reader of old runs would
see nothing of them. But the interpreter needs neither agno nor the user's code, and its history tells it all that it
ever knew. So where no worker answers, this process replays the history, and asks the interpreter itself.

At the end of a replay Temporal takes the workflow down by cancelling what it waits for, and to the interpreter that is
a cancel of the run. So it is asked just before how it stands, and what it says beyond that is not shown.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowInterceptorClassInput,
)

from agno_temporal.contract.events import EventPage, EventsAsked
from agno_temporal.contract.manifest import Manifest
from agno_temporal.plan.data import Json, from_json, to_json
from agno_temporal.workflows.definition import AgnoRun


async def replayed(client: Client, run_id: str) -> Replayed:
    """The run as its history tells it up to now.

    Raises:
        RPCError: There is no such run.
        Exception: This version cannot replay it.
    """
    history = await client.get_workflow_handle(run_id).fetch_history()
    catch = _Catch()
    runner = _BeforeItIsTakenDown(catch)
    await Replayer(
        workflows=[AgnoRun],
        data_converter=client.data_converter,
        interceptors=[catch],
        unsandboxed_workflow_runner=runner,
    ).replay_workflow(history)
    return Replayed(catch.caught[0] if catch.caught else None, runner)


class Replayed:
    """A run that was replayed, to be asked like a running one."""

    def __init__(self, run: AgnoRun | None, last: _BeforeItIsTakenDown) -> None:
        self._run = run
        self._last = last

    def page(self, asked: EventsAsked) -> EventPage:
        """The run's events from a number on; none of a run that no worker ever began."""
        if self._run is None:
            return EventPage()
        page, last = from_json(EventPage, self._run.events(to_json(asked))), self._last.page
        events = tuple(event for event in page.events if event.index < last.total)
        return replace(page, events=events, total=last.total, settled=last.settled, ended=last.ended)

    def manifest(self) -> Manifest | None:
        """The run as it stands; None of one that no worker ever began."""
        return None if self._last.manifest is None else from_json(Manifest, self._last.manifest)


class _BeforeItIsTakenDown(UnsandboxedWorkflowRunner):
    """What a run says of itself at the end of its replay."""

    def __init__(self, catch: _Catch) -> None:
        self.manifest: Json = None
        self.page = EventPage()
        self._catch = catch

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = super().create_instance(det)
        activate = instance.activate

        def asked_first(act: WorkflowActivation) -> WorkflowActivationCompletion:
            if any(job.HasField("remove_from_cache") for job in act.jobs) and self._catch.caught:
                run = self._catch.caught[0]
                self.manifest = run.run_output()
                self.page = from_json(EventPage, run.events(to_json(EventsAsked(sys.maxsize))))
            return activate(act)

        instance.activate = asked_first  # type: ignore[method-assign]
        return instance


class _Catch(Interceptor):
    """Keeps the workflow's object, which a replay throws away."""

    def __init__(self) -> None:
        self.caught: list[AgnoRun] = []

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        caught = self.caught

        class Catching(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                caught.append(workflow.instance())
                return await super().execute_workflow(input)

        return Catching

"""Events without a worker: the history is replayed here.

A query is answered by a worker, also that of a run that has ended, and there may be none: a reader of old runs would
see nothing of them. But the interpreter needs neither agno nor the user's code, and its history tells it all that it
ever knew. So where no worker answers, this process replays the history, and asks the interpreter itself.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from agno_temporal.contract.events import EventPage, EventsAsked
from agno_temporal.contract.manifest import Manifest
from agno_temporal.plan.data import from_json, to_json
from agno_temporal.workflows.definition import AgnoRun


async def replayed(client: Client, run_id: str) -> Replayed:
    """The run as its history tells it up to now.

    Raises:
        RPCError: There is no such run.
        Exception: This version cannot replay it.
    """
    history = await client.get_workflow_handle(run_id).fetch_history()
    catch = _Catch()
    replayer = Replayer(workflows=[AgnoRun], data_converter=client.data_converter, interceptors=[catch])
    await replayer.replay_workflow(history)
    return Replayed(catch.caught[0] if catch.caught else None)


class Replayed:
    """A run that was replayed, to be asked like a running one."""

    def __init__(self, run: AgnoRun | None) -> None:
        self._run = run

    def page(self, asked: EventsAsked) -> EventPage:
        """The run's events from a number on; none of a run that no worker ever began."""
        return EventPage() if self._run is None else from_json(EventPage, self._run.events(to_json(asked)))

    def manifest(self) -> Manifest | None:
        """The run as it stands; None of one that no worker ever began."""
        return None if self._run is None else from_json(Manifest, self._run.run_output())


class _Catch(Interceptor):
    """Keeps the workflow's object, which a replay throws away."""

    def __init__(self) -> None:
        self.caught: list[Any] = []

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        caught = self.caught

        class Catching(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                caught.append(workflow.instance())
                return await super().execute_workflow(input)

        return Catching

"""Workflows whose runs go on in several Temporal runs, and what a test asks of these."""

from __future__ import annotations

from typing import Any

from agno.workflow import HumanReview, Loop, Step, Workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from agno_temporal import AgnoPlugin
from tests.support import eventually


def numbers(iterations: int, **gate: Any) -> Workflow:
    """A loop that counts in the session state."""

    def count(step_input, run_context) -> str:
        state = run_context.session_state
        state["n"] = state.get("n", 0) + 1
        return f"number {state['n']}"

    step = Step(name="count", executor=count, human_review=HumanReview(**gate) if gate else None)
    loop = Loop(name="loop", steps=[step], max_iterations=iterations)
    last = Step(name="last", executor=lambda step_input: f"last: {step_input.get_last_step_content()}")
    return Workflow(name="numbers", steps=[loop, last])


async def temporal_runs(client: Client, run_id: str) -> list[str]:
    """The Temporal runs that a run has had so far, the first one first."""
    place: str | None = (await client.get_workflow_handle(run_id).describe()).run_id
    found: list[str] = []
    while place:
        found.insert(0, place)
        history = await client.get_workflow_handle(run_id, run_id=place).fetch_history()
        place = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found


async def all_replay(client: Client, run_id: str) -> int:
    """Fail unless each of its histories leads a new worker to the same commands. Returns how many there are. One that
    has just begun has no commands, and the SDK would wait for some for ever (temporalio 1.35)."""
    places = await temporal_runs(client, run_id)
    for place in places:
        history = await client.get_workflow_handle(run_id, run_id=place).fetch_history()
        if any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in history.events):
            await Replayer(workflows=[], plugins=[AgnoPlugin()]).replay_workflow(history)
    return len(places)


async def longest(client: Client, run_id: str) -> tuple[int, int]:
    """Events and bytes of the longest of its histories."""
    events, size = 0, 0
    for place in await temporal_runs(client, run_id):
        history = await client.get_workflow_handle(run_id, run_id=place).fetch_history()
        events = max(events, len(history.events))
        size = max(size, sum(event.ByteSize() for event in history.events))
    return events, size


async def delete_closed(client: Client, run_id: str) -> None:
    """Delete what retention would have deleted by now: all of its Temporal runs but the one that is open."""
    for place in (await temporal_runs(client, run_id))[:-1]:
        where = WorkflowExecution(workflow_id=run_id, run_id=place)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=where)
        await client.workflow_service.delete_workflow_execution(request)

        async def gone(place: str = place) -> bool:
            try:
                await client.get_workflow_handle(run_id, run_id=place).describe()
            except RPCError as error:
                return error.status is RPCStatusCode.NOT_FOUND
            return False

        await eventually(f"Temporal run {place} deleted", gone)

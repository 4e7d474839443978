"""What these tests ask of a run beside its client: its virtual time, its history, and whether that replays."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.update.v1 import UpdateRef
from temporalio.api.workflowservice.v1 import PollWorkflowExecutionUpdateRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Replayer

from agno_temporal import AgnoPlugin, DecisionRefused, RunClient
from agno_temporal.client.deciding import update_id
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.hitl import Action, Decision, Refusal, Resolution
from tests.support import PATIENCE, Bench, eventually

HOUR = 3600.0
HOURS_72 = 72 * HOUR
DAY = 24 * HOUR


class Clock:
    """The time of single runs, on an ordinary server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))

    async def forward(self, run_id: str, seconds: float) -> None:
        """Move a run's time on. Its worker does meanwhile what the timers that fire ask for. Time stands still while
        anything waits for a worker, so that without one there must be nothing to do."""
        moved = self._skipper.fast_forward(self._client.get_workflow_handle(run_id), seconds)
        await asyncio.wait_for(moved, PATIENCE)


async def event_counts(client: Client, run_id: str) -> Counter[str]:
    """How many events of each type a run's history has."""
    history = await client.get_workflow_handle(run_id).fetch_history()
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)


async def deadline_passes(client: Client, run_id: str) -> None:
    """Wait until the server has written that the deadline is over, whether a worker is up or not."""

    async def fired() -> bool:
        return (await event_counts(client, run_id))["TIMER_FIRED"] > 0

    await eventually(f"the deadline of {run_id}", fired)


async def send_update(runs: RunClient, run_id: str, decision: Decision) -> asyncio.Future[Resolution]:
    """Send a decision that nobody can answer yet, and return once the server has it. It needs a decision id."""
    answer = asyncio.ensure_future(runs.decide(run_id, decision))
    await on_the_server(runs, run_id, decision)
    return answer


async def on_the_server(runs: RunClient, run_id: str, decision: Decision) -> None:
    """Wait until the server has a decision that is under way to it."""
    update = UpdateRef(workflow_execution=WorkflowExecution(workflow_id=run_id), update_id=update_id(decision))
    request = PollWorkflowExecutionUpdateRequest(namespace=runs.client.namespace, update_ref=update)

    async def admitted() -> bool:
        try:
            await runs.client.workflow_service.poll_workflow_execution_update(request)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    await eventually(f"the update {decision.decision_id} on the server", admitted)


async def refusal_of(bench: Bench, run_id: str, decision: Decision) -> Refusal:
    """Send a decision that must be refused."""
    with pytest.raises(DecisionRefused) as refused:
        await bench.runs.decide(run_id, decision)
    return refused.value.refusal


async def closed_as(client: Client, run_id: str) -> WorkflowExecutionStatus | None:
    """What Temporal says of a run."""
    return (await client.get_workflow_handle(run_id).describe()).status


async def replays(client: Client, run_id: str) -> None:
    """Fail unless the history leads a new worker to the same commands."""
    history = await client.get_workflow_handle(run_id).fetch_history()
    await Replayer(workflows=[], plugins=[AgnoPlugin()]).replay_workflow(history)


def confirm(asked: Asked, by: str | None = None, key: str | None = None) -> Decision:
    return Decision(asked.requirement.id, Action.CONFIRM, decided_by=by, decision_id=key)


def reject(asked: Asked, by: str | None = None, feedback: str | None = None) -> Decision:
    return Decision(asked.requirement.id, Action.REJECT, decided_by=by, feedback=feedback)


def fill_in(asked: Asked, by: str | None = None, **values: object) -> Decision:
    return Decision(asked.requirement.id, Action.INPUT, values=values, decided_by=by)  # type: ignore[arg-type]


def edit(asked: Asked, content: str, by: str | None = None) -> Decision:
    return Decision(asked.requirement.id, Action.EDIT, edited_output=content, decided_by=by)


def deciders(run: Manifest) -> list[str | None]:
    """Who closed each requirement, in the order in which they opened."""
    return [asked.resolution and asked.resolution.decision.decided_by for asked in run.asked]

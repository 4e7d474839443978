"""A run with two gates, and how it is put back: what `temporal workflow reset` asks of the server."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from agno_temporal.hitl import Action, Decision
from tests.support import Bench, eventually

DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

EXCLUDED = {
    "signal": [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
    "update": [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE],
    "nothing": [],
}
"""What `--reapply-exclude` takes; `All` is all of them."""


async def tasks(client: Client, run_id: str, place: str | None = None) -> list[int]:
    """The workflow tasks of a run, by the events that completed them: of the Temporal run `place` or the latest."""
    history = await client.get_workflow_handle(run_id, run_id=place).fetch_history()
    return [event.event_id for event in history.events if event.event_type == DONE]


async def reset(client: Client, run_id: str, to: int, *excluded: str, place: str | None = None) -> None:
    """Put a run back to the workflow task that this event completed, in the Temporal run `place` or the latest."""
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=run_id, run_id=place or ""),
            reason="test",
            workflow_task_finish_event_id=to,
            request_id=str(uuid.uuid4()),
            reset_reapply_exclude_types=[one for name in excluded for one in EXCLUDED[name]],
        )
    )


class Scene:
    """A run of ``a``, the gate ``g``, ``b``, the gate ``h`` and ``c``.

    Args:
        slow: The first step waits for `go_on`.
        policy: Of the gates, beside that they ask.
    """

    def __init__(self, bench: Bench, db: Any = None, *, slow: bool = False, **policy: Any) -> None:
        self.bench = bench
        self.db = db
        self.policy = policy
        self.slow = slow
        self.go_on = threading.Event()
        self.ran: list[str] = []
        self.run_id = f"run-{uuid.uuid4()}"
        steps = [self.step("a"), self.step("g", asks=True), self.step("b"), self.step("h", asks=True), self.step("c")]
        self.workflow = Workflow(name="reset", steps=steps, db=db)

    def step(self, name: str, asks: bool = False) -> Step:
        def run(step_input: Any) -> str:
            self.ran.append(name)
            if self.slow and name == "a":
                self.go_on.wait(60)
            return name

        policy = self.policy if asks else {}
        return Step(name=name, executor=run, human_review=HumanReview(requires_confirmation=asks, **policy))

    async def start(self) -> None:
        await self.bench.start(self.workflow, "x", run_id=self.run_id, session_id="s")

    async def under_way(self, name: str) -> None:
        async def begun() -> bool:
            return name in self.ran

        await eventually(f"{name} to be under way", begun)

    async def tasks(self) -> list[int]:
        """The places that the run can be put back to."""
        return await tasks(self.bench.client, self.run_id)

    async def decide(self, by: str, who: str = "ana") -> str:
        """Confirm what is open. Returns the requirement's id."""
        (asked,) = await self.bench.paused(self.run_id)
        decision = Decision(asked.requirement.id, Action.CONFIRM, decided_by=who)
        if by == "update":
            await self.bench.runs.decide(self.run_id, decision)
        else:
            await self.bench.runs.signal(self.run_id, decision)
            await eventually("the signal to be taken", lambda: self.is_decided(asked.requirement.id))
        return asked.requirement.id

    async def is_decided(self, requirement_id: str) -> bool:
        manifest = await self.bench.runs.manifest(self.run_id)
        return any(one.resolution for one in manifest.asked if one.requirement.id == requirement_id)

    async def reset(self, to: int, *excluded: str, place: str | None = None) -> None:
        """Put the run back to the workflow task that this event completed.

        Args:
            excluded: What is not sent to it again.
            place: The Temporal run that has the event, if it is not the latest.
        """
        self.ran.clear()
        await reset(self.bench.client, self.run_id, to, *excluded, place=place)

    async def waits_at(self) -> tuple[str, str]:
        (asked,) = await self.bench.paused(self.run_id)
        return asked.requirement.step_name or "", asked.requirement.id

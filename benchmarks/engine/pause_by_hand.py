"""A gate by hand: an update with a validator, a wait with a deadline, and the step behind it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from benchmarks.engine.by_hand import OPTIONS

STARTED: dict[str, float] = {}
"""When the step behind the gate of a run began."""


@dataclass
class Decision:
    """What a person has decided."""

    requirement_id: str
    confirmed: bool
    decided_by: str


@dataclass
class Released:
    """What the step behind the gate is given."""

    request: str
    decided_by: str


@activity.defn
def release(task: Released) -> str:
    STARTED[activity.info().workflow_id or ""] = time.perf_counter()
    return f"released for {task.decided_by}"


@activity.defn
def prepare(request: str) -> str:
    return f"prepared {request}"


class Gated:
    """What has a gate: its handlers, and the wait for them."""

    def __init__(self) -> None:
        self._decision: Decision | None = None

    async def decided(self) -> Decision:
        """Wait for one decision, for at most an hour."""
        try:
            await workflow.wait_condition(lambda: self._decision is not None, timeout=timedelta(hours=1))
        except TimeoutError:
            raise ApplicationError("nobody decided", non_retryable=True) from None
        assert self._decision is not None
        return self._decision

    async def released(self, request: str) -> str:
        """The step behind the gate."""
        decision = await self.decided()
        if not decision.confirmed:
            return "rejected"
        return await workflow.execute_activity(release, Released(request, decision.decided_by), **OPTIONS)

    @workflow.query
    def pending(self) -> str | None:
        """What is asked."""
        return "gate" if self._decision is None else None

    @workflow.update
    def decide(self, decision: Decision) -> Decision:
        self._decision = decision
        return decision

    @decide.validator
    def check(self, decision: Decision) -> None:
        if self._decision is not None:
            raise ApplicationError(f"decided by {self._decision.decided_by}", type="already-decided")
        if decision.requirement_id != "gate":
            raise ApplicationError("there is no such question", type="not-found")


@workflow.defn
class Gate(Gated):
    """A gate, and the step behind it."""

    @workflow.run
    async def run(self, request: str) -> str:
        return await self.released(request)


@workflow.defn
class GateBehindSteps(Gated):
    """The same gate, behind steps that make a history."""

    @workflow.run
    async def run(self, steps: int) -> str:
        for number in range(steps):
            await workflow.execute_activity(prepare, str(number), **OPTIONS)
        return await self.released("a request")

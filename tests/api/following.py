"""A workflow with a gate, and the events of a run of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
from agno.workflow import HumanReview, Step, Workflow

from agno_temporal.hitl import Action, Decision
from tests.differential.blocks import flow, tells
from tests.support import Bench

NAMES = [
    "WorkflowStarted",
    *("StepPaused", "StepContinued", "StepStarted", "StepOutput", "StepCompleted"),
    *("StepStarted", "StepOutput", "StepCompleted", "WorkflowCompleted"),
]

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
"""The fixture `serve` (`tests.api.conftest`)."""


def gated() -> Workflow:
    gate = HumanReview(requires_confirmation=True)
    return flow(Step(name="gate", executor=lambda _: "open", human_review=gate), tells())


async def confirm(bench: Bench, run_id: str) -> None:
    (asked,) = await bench.paused(run_id)
    await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM, decided_by="ana"))

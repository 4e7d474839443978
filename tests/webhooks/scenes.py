"""Runs that tell, and workers that deliver."""

from __future__ import annotations

import asyncio
from typing import Any

from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal import Webhooks
from agno_temporal.hitl import Action, Decision
from tests.support import PATIENCE, Bench
from tests.webhooks.receiver import Receiver

SOON = {"delays": [0.1]}
"""Tries again soon: how long a receiver is down is the test's to say."""


def gated(**review: Any) -> Workflow:
    asked = {"requires_confirmation": True, "confirmation_message": "Deploy?"}
    rules = HumanReview(**({**asked, **review} if review.get("requires_confirmation", True) else review))
    return Workflow(
        name="gated", steps=[Step(name="gate", executor=lambda given: "secret content", human_review=rules)]
    )


def telling(receiver: Receiver, *events: str, **options: Any) -> Webhooks:
    """Tell a receiver of these events; of all, if none is named."""
    webhook = receiver.webhook(events=events) if events else receiver.webhook()
    return Webhooks([webhook], **{**SOON, **options})


async def confirm(bench: Bench, run_id: str, action: Action = Action.CONFIRM) -> None:
    (asked,) = await bench.paused(run_id)
    await bench.runs.decide(run_id, Decision(asked.requirement.id, action, decided_by="ana"))


async def told_at_the_end(bench: Bench, **review: Any) -> str:
    """A run of `gated` that is decided and ends, and of which only the end is of interest."""
    run_id = await bench.start(gated(**review), "x")
    await confirm(bench, run_id)
    await bench.ended(run_id)
    return run_id


async def delivery(bench: Bench, notice_id: str) -> dict[str, str]:
    """How a delivery ended, by endpoint."""
    return await asyncio.wait_for(bench.client.get_workflow_handle(notice_id).result(), PATIENCE)

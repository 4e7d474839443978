"""Deadlines on a real server: days pass in milliseconds, and a late decision never wins."""

from __future__ import annotations

from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.testing import WorkflowEnvironment

from tests.support import Bench

HOURS_72 = 72 * 3600


def echo(step_input):
    return f"ran on {step_input.input}"


def gated(on_timeout: str, on_reject: str = "skip") -> Workflow:
    review = HumanReview(requires_confirmation=True, timeout=HOURS_72, on_timeout=on_timeout, on_reject=on_reject)
    return Workflow(name="gated", steps=[Step(name="gate", executor=echo, human_review=review, max_retries=0)])


async def test_an_unanswered_gate_is_approved_by_its_timer_after_72_hours(skipping: WorkflowEnvironment) -> None:
    bench = Bench(skipping.client, "q")
    workflow = gated("approve")
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        await bench.paused(run_id)
        await skipping.fast_forward(skipping.client.get_workflow_handle(run_id), HOURS_72 - 60)
        assert await bench.paused(run_id)
        await skipping.fast_forward(skipping.client.get_workflow_handle(run_id), 120)
        run = await bench.ended(run_id)
    assert run.status == "COMPLETED"
    assert run.asked[0].resolution.decision.decided_by == "system:timer"

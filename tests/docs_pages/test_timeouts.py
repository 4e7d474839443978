"""The blocks on timeouts, of both pages. Nobody answers, and the server's time is moved on."""

from __future__ import annotations

import pytest
from agno.workflow import OnReject, OnTimeout, Workflow
from agno.workflow.step import Step
from agno.workflow.types import HumanReview

from tests.docs_pages.conftest import agent
from tests.support import Bench


async def after(skipping, workflow: Workflow, seconds: int):
    """The run, so long after it paused."""
    bench = Bench(skipping.client, "pages")
    async with bench.worker(workflow):
        durable = bench.durable(workflow)  # The one line.
        run_output = await durable.arun("the week")
        assert run_output.is_paused
        await skipping.fast_forward(skipping.client.get_workflow_handle(run_output.run_id), seconds)
        await bench.runs.wait(run_output.run_id)
        return await durable.aget_run_output(run_output.run_id)


def review_step(on_timeout: OnTimeout | str, on_reject: OnReject = OnReject.retry) -> Step:
    return Step(
        name="summary",
        agent=agent("Summary"),
        human_review=HumanReview(
            requires_output_review=True,
            output_review_message="Read the summary.",
            on_reject=on_reject,
            max_retries=2,
            timeout=120,  # Two minutes.
            on_timeout=on_timeout,
        ),
    )


async def test_timeout_of_a_review_that_approves(skipping):
    run_output = await after(skipping, Workflow(name="weekly", steps=[review_step(OnTimeout.approve)]), 121)
    assert (run_output.status.value, run_output.content) == ("COMPLETED", "Summary (the week)")


async def test_timeout_of_a_review_that_rejects_makes_the_step_run_again(skipping):
    """The page has ``OnTimeout.reject``; agno 3.1 has no such member, and the string is taken."""
    run_output = await after(skipping, Workflow(name="weekly", steps=[review_step("reject")]), 121)
    assert run_output.is_paused
    [first, second] = run_output.step_requirements
    assert (first.confirmed, second.retry_count, second.needs_output_review) == (False, 1, True)


async def test_timeout_of_a_review_that_cancels(skipping):
    run_output = await after(skipping, Workflow(name="weekly", steps=[review_step(OnTimeout.cancel)]), 121)
    assert run_output.status.value == "CANCELLED"


@pytest.mark.parametrize(
    ("on_timeout", "content"),
    [
        (OnTimeout.approve, "Launch (the week)"),
        ("reject", "No steps executed"),
        (OnTimeout.cancel, "Workflow cancelled: Step 'launch' was rejected"),
    ],
)
async def test_timeout_of_a_confirmation(skipping, on_timeout, content):
    step = Step(
        name="launch",
        agent=agent("Launch"),
        human_review=HumanReview(
            requires_confirmation=True,
            confirmation_message="Launch it?",
            timeout=300,  # Five minutes.
            on_timeout=on_timeout,
        ),
    )
    run_output = await after(skipping, Workflow(name="countdown", steps=[step]), 301)
    assert run_output.content == content

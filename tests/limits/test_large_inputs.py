"""Inputs and edits that are large: taken up to Temporal's bound, and refused beyond it before the run is stuck.

The server refuses a start that is too large with words that name nothing, and an update's answer fails the workflow
task, which is repeated for ever.
"""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput

from agno_temporal import DecisionRefused
from agno_temporal.client import RequestTooLarge
from agno_temporal.hitl import Action, Decision
from tests.support import Bench

MB = 1_000_000


def echo_size(step_input: StepInput) -> str:
    return f"{len(step_input.input)}"


async def test_an_input_of_1_5_mb_reaches_every_step(bench: Bench) -> None:
    workflow = Workflow(name="w", steps=[Step(name=f"s{index}", executor=echo_size) for index in range(5)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x" * (3 * MB // 2))
        await bench.ended(run_id)
    run = await bench.runs.run_output(run_id)
    assert [step.content for step in run.step_results] == ["1500000"] * 5
    assert len(run.input) == 3 * MB // 2
    description = await bench.client.get_workflow_handle(run_id).describe()
    assert description.raw_description.workflow_execution_info.history_size_bytes < 2 * MB


@pytest.mark.parametrize("size", [3, 5], ids=["over-a-payload", "over-a-message"])
@pytest.mark.parametrize("field", ["input", "session_state", "additional_data"])
async def test_a_request_over_the_bound_is_refused_before_it_is_sent(bench: Bench, field: str, size: int) -> None:
    workflow = Workflow(name="w", steps=[Step(name="s", executor=echo_size)])
    given: Any = "x" * (size * MB) if field == "input" else {"key": "x" * (size * MB)}
    with pytest.raises(RequestTooLarge, match=rf"{size}\.0 MB; Temporal takes 2 MB"):
        await bench.durable(workflow).arun(**{field: given})


async def test_an_edited_output_over_the_bound_is_refused(bench: Bench) -> None:
    reviewed = Step(name="s", executor=echo_size, human_review=HumanReview(requires_output_review=True))
    workflow = Workflow(name="w", steps=[reviewed])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "x")
        (asked,) = await bench.paused(run_id)
        large = Decision(asked.requirement.id, Action.EDIT, edited_output="x" * 100_000)
        with pytest.raises(DecisionRefused, match="at most 65536"):
            await bench.runs.decide(run_id, large)
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.EDIT, edited_output="short"))
        await bench.ended(run_id)
    assert (await bench.runs.run_output(run_id)).content == "short"

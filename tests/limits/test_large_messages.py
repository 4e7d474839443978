"""What a step raises is written to history with every attempt: a page of text, an answer of a server, or worse."""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput

from tests.support import Bench


def raising(error: Exception, ran: list[int]) -> Workflow:
    def run(step_input: StepInput) -> Any:
        ran.append(1)
        raise error from ValueError(str(error))

    steps = [Step(name="a", executor=run, max_retries=2, human_review=HumanReview(on_error="fail"))]
    return Workflow(name="raising", steps=steps)


@pytest.mark.parametrize("size", [1_000_000, 5_000_000])
async def test_a_message_of_megabytes_is_clipped_wherever_it_stands(bench: Bench, size: int) -> None:
    """A failure of more than 4 MB cannot be reported at all: its attempt would only end when its worker is taken for
    dead, and so would each one after it."""
    ran: list[int] = []
    workflow = raising(ValueError("x" * size), ran)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        run = await bench.ended(run_id)
    assert f"({size} characters)" in str(run.content)
    assert len(ran) == 3
    description = await bench.client.get_workflow_handle(run_id).describe()
    assert description.raw_description.workflow_execution_info.history_size_bytes < 60_000

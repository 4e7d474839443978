"""What a workflow asks its callables, where one of them would end its process, or its task.

`sys.exit`, and a cancellation that nobody asked for, are no exceptions to Python. Let through, Temporal would ask the
same again for ever, or run again the step that was asked along with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Router, Step, Workflow
from agno.workflow.types import StepInput

from agno_temporal import RunError
from tests.differential.blocks import says
from tests.support import Bench

ENDS = {"sys.exit": SystemExit(3), "CancelledError": asyncio.CancelledError()}


def raises(error: BaseException) -> Callable[..., Any]:
    async def ends(*args: Any, **kwargs: Any) -> Any:
        raise error

    return ends


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
async def test_a_step_is_not_run_again_for_its_loops_end_condition(bench: Bench, error: BaseException):
    ran = list[str]()

    def charge(step_input: StepInput) -> str:
        ran.append("charged")
        return "charged"

    loop = Loop(name="l", steps=[Step(name="charge", executor=charge)], max_iterations=2, end_condition=raises(error))
    async with bench.worker(workflow := Workflow(name="w", steps=[loop])):
        run = await bench.durable(workflow).arun("go")
    assert (run.status, ran) == (RunStatus.completed, ["charged"] * 2)


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize(
    "node",
    [
        lambda ends: Condition(name="c", evaluator=ends, steps=[says("a")]),
        lambda ends: Router(name="r", choices=[says("a")], selector=ends),
    ],
    ids=["an evaluator", "a selector"],
)
async def test_a_container_that_cannot_be_asked_has_failed(bench: Bench, node: Any, error: BaseException):
    async with bench.worker(workflow := Workflow(name="w", steps=[node(raises(error))])):
        try:
            run = await bench.durable(workflow).arun("go")
        except RunError as failed:
            run = failed.run_output
    assert "a says" not in str(run.content)


@pytest.mark.parametrize("error", ENDS.values(), ids=ENDS)
async def test_a_review_that_cannot_be_asked_for_is_asked(bench: Bench, error: BaseException):
    review = HumanReview(requires_output_review=raises(error))
    async with bench.worker(workflow := Workflow(name="w", steps=[says("a", human_review=review)])):
        run = await bench.durable(workflow).arun("go")
    assert run.is_paused

"""An output that Temporal does not take ends its run at once, and says so.

Without care the SDK fails the attempt as retryable, so that the step runs again and again, an agent's tokens with it; a
workflow result of that size fails the run's last task for ever. And the work is done: to skip it as "failed" would let
the run go on without what it produced.
"""

from __future__ import annotations

from typing import Any

import pytest
from agno.workflow import Condition, Parallel, Step, Workflow
from agno.workflow.types import HumanReview

from agno_temporal import RunError
from tests.support import Bench


def counting(ran: list[int], size: int) -> Any:
    def run(step_input: Any) -> str:
        ran.append(size)
        return "x" * size

    return run


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="on-error-skip"),
        pytest.param({"skip_on_failure": True}, id="skip-on-failure"),
        pytest.param({"human_review": HumanReview(on_error="fail")}, id="on-error-fail"),
    ],
)
async def test_an_output_of_3_mb_fails_the_run_with_the_step_its_size_and_the_remedy(
    bench: Bench, settings: dict[str, Any]
) -> None:
    ran: list[int] = []
    steps = [Step(name="fetch", executor=counting(ran, 3_000_000), max_retries=3, **settings), _after(ran)]
    workflow = Workflow(name="large", steps=steps)
    async with bench.worker(workflow):
        with pytest.raises(RunError) as failed:
            await bench.durable(workflow).arun("x")
    assert "step '0' (\"fetch\") returned 3.0 MB" in str(failed.value)
    assert "Return a reference, or configure external storage" in str(failed.value)
    assert failed.value.error_type == "OutputTooLarge"
    assert ran == [3_000_000]


async def test_no_container_goes_on_without_it(bench: Bench) -> None:
    ran: list[int] = []
    lost = Step(name="fetch", executor=counting(ran, 3_000_000))
    tolerant = Condition(name="c", evaluator=True, steps=[lost], human_review=HumanReview(on_error="skip"))
    workflow = Workflow(name="large", steps=[Parallel(tolerant, _after([]), name="both"), _after(ran)])
    async with bench.worker(workflow):
        with pytest.raises(RunError, match=r"returned 3\.0 MB"):
            await bench.durable(workflow).arun("x")
    assert ran == [3_000_000]


async def test_an_output_is_measured_as_it_is_written(bench: Bench) -> None:
    """Text beyond ASCII is escaped: half a million such characters are 1.5 MB of UTF-8, and 3 MB in a history."""
    workflow = Workflow(name="large", steps=[Step(name="fetch", executor=lambda _: "\u8a9e" * 500_000)])
    async with bench.worker(workflow):
        with pytest.raises(RunError, match=r"returned 3\.0 MB"):
            await bench.durable(workflow).arun("x")


async def test_what_ran_before_it_is_kept_with_the_run(bench: Bench) -> None:
    steps = [Step(name="first", executor=lambda _: "kept"), Step(name="fetch", executor=counting([], 3_000_000))]
    workflow = Workflow(name="large", steps=steps)
    async with bench.worker(workflow):
        with pytest.raises(RunError) as failed:
            await bench.durable(workflow).arun("x")
    assert [step.content for step in failed.value.run_output.step_results] == ["kept"]


def _after(ran: list[int]) -> Step:
    return Step(name="after", executor=counting(ran, 1))

"""What Temporal is told of a step's options: a policy that it takes, whichever of them are left out."""

from __future__ import annotations

import pytest
from agno.workflow import Step, Workflow

from agno_temporal import StepOptions
from agno_temporal.contract import names
from tests.support import Bench

WORKFLOW = Workflow(name="one", steps=[Step(name="a", executor=lambda _: "a")])


async def pauses(bench: Bench, options: StepOptions) -> tuple[float, float]:
    """The first and the longest pause between two attempts, in seconds, as the history has them."""
    async with bench.worker(WORKFLOW, steps=options):
        run_id = await bench.start(WORKFLOW, "x")
        await bench.ended(run_id)
    history = await bench.client.get_workflow_handle(run_id).fetch_history()
    scheduled = (event.activity_task_scheduled_event_attributes for event in history.events)
    [policy] = (one.retry_policy for one in scheduled if one.activity_type.name == names.RUN_STEP)
    return policy.initial_interval.ToTimedelta().total_seconds(), policy.maximum_interval.ToTimedelta().total_seconds()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (StepOptions(), (0.1, 30)),
        (StepOptions(retry_initial_interval=60), (60, 60)),
        (StepOptions(retry_maximum_interval=0.05), (0.05, 0.05)),
        (StepOptions(retry_initial_interval=2), (2, 30)),
        (StepOptions(retry_maximum_interval=60), (0.1, 60)),
    ],
)
async def test_the_pause_that_is_not_given_follows_the_other(
    bench: Bench, options: StepOptions, expected: tuple[float, float]
) -> None:
    assert await pauses(bench, options) == expected

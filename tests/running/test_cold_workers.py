"""A decision that meets a worker which has to replay the run first is taken all the same.

Where a run begins to wait without writing anything (no deadline, no database), Temporal's core hands the update over
together with the result of the last step: looked at before that, it is for a requirement that is not open yet.
"""

from __future__ import annotations

import time

import pytest
from agno.workflow import HumanReview, Parallel, Step, Workflow

from agno_temporal.client import DecisionRefused
from agno_temporal.hitl import Action, Decision, RefusalCode
from tests.support import Bench


def slow(step_input: object) -> str:
    time.sleep(0.2)
    return "slow"


WORKFLOW = Workflow(
    name="cold",
    steps=[
        Parallel(Step(name="a", executor=lambda _: "quick"), Step(name="b", executor=slow), name="both"),
        Step(name="gate", executor=lambda _: "done", human_review=HumanReview(requires_confirmation=True)),
    ],
)


async def test_a_decision_is_taken_by_a_worker_that_has_just_come(bench: Bench) -> None:
    async with bench.worker(WORKFLOW):
        run_id = await bench.start(WORKFLOW)
        (asked,) = await bench.paused(run_id)
    async with bench.worker(WORKFLOW):
        await bench.runs.decide(run_id, Decision(asked.requirement.id, Action.CONFIRM))
        await bench.ended(run_id)


async def test_one_for_a_requirement_that_there_is_not_is_refused(bench: Bench) -> None:
    async with bench.worker(WORKFLOW):
        run_id = await bench.start(WORKFLOW)
        await bench.paused(run_id)
    async with bench.worker(WORKFLOW):
        with pytest.raises(DecisionRefused) as refused:
            await bench.runs.decide(run_id, Decision("another", Action.CONFIRM))
    assert refused.value.code is RefusalCode.NOT_FOUND


async def test_an_update_of_any_client_is_taken_once_the_run_was_asked_what_it_waits_for(bench: Bench) -> None:
    async with bench.worker(WORKFLOW):
        run_id = await bench.start(WORKFLOW)
        await bench.paused(run_id)
    handle = bench.client.get_workflow_handle(run_id)
    async with bench.worker(WORKFLOW):
        [waiting] = await handle.query("requirements")
        await handle.execute_update(
            "decide", {"requirement_id": waiting["requirement"]["id"], "action": "confirm"}, result_type=dict
        )
        await bench.ended(run_id)

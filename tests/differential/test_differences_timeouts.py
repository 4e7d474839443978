"""Deadlines: agno looks at the clock when somebody continues, and here they come by themselves (docs/differences.md,
"Timeouts")."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from agno.db.in_memory import InMemoryDb
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Router, Steps, Workflow

from agno_temporal import DecisionRefused, PlanError
from tests.differential.answers import confirm
from tests.differential.blocks import fails, flow, says
from tests.differential.oracle import Answer, Oracle
from tests.support import Bench

SOON = 0.05
FORM = [{"name": "n", "field_type": "int"}]


def gated(on_timeout: Any = "cancel", timeout: Any = SOON, **options: Any) -> Workflow:
    review = HumanReview(**{"requires_confirmation": True, "timeout": timeout, "on_timeout": on_timeout, **options})
    return flow(says("gate", human_review=review), says("next"))


async def ended(bench: Bench, workflow: Workflow) -> Any:
    """The run, once its deadlines have ended it."""
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        handle = bench.client.get_workflow_handle(run_id)
        await asyncio.wait([asyncio.ensure_future(handle.result())], timeout=20)
        return await bench.runs.run_output(run_id)


async def late(workflow: Workflow, answer: Answer = lambda requirement: None) -> Any:
    """What agno makes of an answer that comes after the deadline."""
    workflow.db = InMemoryDb()
    run = await workflow.arun("go")
    answer(run.step_requirements[0])
    run.step_requirements[0].timeout_at = datetime.now(UTC) - timedelta(seconds=1)
    return await workflow.acontinue_run(run)


async def test_a_deadline_needs_nobody_to_continue(bench: Bench) -> None:
    plain = gated()
    plain.db = InMemoryDb()
    run = await plain.arun("go", session_id="s")
    await asyncio.sleep(2 * SOON)
    assert (await plain.aget_run_output(run_id=run.run_id, session_id="s")).status == RunStatus.paused
    assert (await ended(bench, gated())).status == RunStatus.cancelled


@pytest.mark.parametrize(
    ("on_reject", "content"), [("skip", "next says"), ("cancel", "Workflow cancelled: Step 'gate' was rejected")]
)
async def test_on_timeout_reject_is_a_rejection(bench: Bench, on_reject: str, content: str) -> None:
    agno = await late(gated("reject", timeout=60, on_reject=on_reject))
    assert agno.status == RunStatus.cancelled
    assert (await ended(bench, gated("reject", on_reject=on_reject))).content == content


async def test_a_timer_that_asks_again_comes_to_an_end(bench: Bench) -> None:
    run = await ended(bench, gated("reject", on_reject="retry", max_retries=0))
    assert run.content == "Max retries (3) reached for step 'gate'"
    assert len(run.step_requirements) == 4


async def test_a_late_continue_does_not_overturn_an_answer_given_in_time(oracle_with_db: Oracle) -> None:
    agno = await late(gated("cancel", timeout=60), confirm)
    assert agno.status == RunStatus.cancelled
    _, ours = await oracle_with_db.ask(lambda: gated("cancel", timeout=60), "go", confirm)
    assert ours.last.content == "next says"


async def test_a_late_answer_does_not_count(bench: Bench) -> None:
    workflow = gated("skip", timeout=3)  # Enough to be seen to be paused.
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        await asyncio.wait([asyncio.ensure_future(bench.client.get_workflow_handle(run.run_id).result())], timeout=20)
        run.step_requirements[0].confirm()
        with pytest.raises(DecisionRefused):
            await durable.acontinue_run(run)
        run = await durable.aget_run_output(run.run_id)
    assert [result.step_name for result in run.step_results] == ["next"]


async def test_a_form_has_a_deadline(bench: Bench) -> None:
    asks = {"requires_confirmation": False, "requires_user_input": True, "user_input_schema": FORM}
    with pytest.raises(ValueError, match="unresolved"):
        await late(gated("skip", timeout=60, **asks))
    run = await ended(bench, gated("skip", **asks))
    assert [result.step_name for result in run.step_results] == ["next"]


@pytest.mark.parametrize("timeout", [0, -5, 4e9])
async def test_a_timeout_that_no_timer_can_keep_is_refused(bench: Bench, timeout: float) -> None:
    assert (await gated("skip", timeout=timeout).arun("go")).is_paused
    with pytest.raises(PlanError, match="timeout="):
        bench.durable(gated("skip", timeout=timeout))


async def test_a_form_is_approved_with_its_defaults(bench: Bench) -> None:
    schema = [{"name": "n", "field_type": "int", "value": 3}]
    asks = {"requires_confirmation": False, "requires_user_input": True, "user_input_schema": schema}
    run = await ended(bench, gated("approve", **asks))
    assert run.step_requirements[0].user_input == {"n": 3}


EXPIRE = {"timeout": SOON, "on_timeout": "skip"}


@pytest.mark.parametrize(
    "step",
    [
        Steps(name="c", steps=[says("in")], human_review=HumanReview(requires_confirmation=True, **EXPIRE)),
        Condition(name="c", steps=[says("in")], human_review=HumanReview(requires_confirmation=True, **EXPIRE)),
        Loop(name="c", steps=[says("in")], human_review=HumanReview(requires_iteration_review=True, **EXPIRE)),
        Router(name="c", choices=[says("in")], human_review=HumanReview(requires_user_input=True, **EXPIRE)),
        fails("c", human_review=HumanReview(on_error="pause", **EXPIRE)),
    ],
    ids=["Steps", "Condition", "iteration review", "route selection", "error"],
)
async def test_every_pause_has_a_deadline(bench: Bench, step: Any) -> None:
    run = await ended(bench, flow(step, says("next")))
    assert [output.step_name for output in run.step_results] == ["next"]

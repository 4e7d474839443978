"""Failures that wait for a human: what agno forgets, repeats or never asks (docs/differences.md, "Failures")."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Parallel, Step
from agno.workflow.types import PauseKind

from tests.differential.answers import confirm, reject, retry, skip
from tests.differential.blocks import agent, fails, flow, says
from tests.differential.models import BrokenModel
from tests.differential.oracle import Oracle
from tests.differential.test_cancelled_at_work import stop
from tests.differential.test_differences_gates import INSIDE
from tests.support import Bench

PAUSES = HumanReview(on_error="pause")


def failing(times: int | None = None) -> Step:
    return fails("subject", times, human_review=PAUSES)


@pytest.mark.parametrize(
    ("review", "answer"),
    [
        (HumanReview(requires_output_review=True), confirm),
        (HumanReview(requires_confirmation=True, on_reject="skip"), reject()),
    ],
    ids=["after an approved review", "after a step that was skipped"],
)
async def test_a_retry_is_of_what_failed_whatever_was_decided_before(
    oracle_with_db: Oracle, review: HumanReview, answer: Any
) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(says("first", human_review=review), failing(1), says("last")), "go", answer, retry
    )
    assert "subject" not in [output.step_name for output in agno.last.step_results]
    assert [output.content for output in ours.last.step_results][-2:] == ["subject works at attempt 2", "last says"]


@pytest.mark.parametrize("inside", INSIDE.values(), ids=INSIDE)
async def test_a_failure_inside_a_container_waits_too(oracle_with_db: Oracle, inside: Any) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(inside(fails("gate", human_review=PAUSES)), says("last")), "go")
    assert agno.last is None or agno.last.status != RunStatus.paused
    assert [one.error_message for one in ours.last.steps_with_errors] == ["attempt 1 of gate"]


async def test_a_retry_repeats_nothing_that_had_finished(oracle_with_db: Oracle) -> None:
    def make() -> Any:
        steps = [fails("before", 0), fails("subject", 1)]
        return flow(Condition(name="c", steps=steps, human_review=PAUSES))

    agno, ours = await oracle_with_db.ask(make, "go", retry)
    contents = [[step.content for step in seen.last.step_results[0].steps] for seen in (agno, ours)]
    assert contents[0][0] == "before works at attempt 2"
    assert contents[1] == ["before works at attempt 1", "subject works at attempt 2"]


async def test_a_retry_inside_a_nested_workflow_repeats_nothing_that_had_finished(oracle_with_db: Oracle) -> None:
    def make() -> Any:
        steps = [fails("before", 0), fails("subject", 1, human_review=HumanReview(on_error="fail"))]
        return flow(Step(name="sub", workflow=flow(*steps, id="inner"), human_review=PAUSES))

    _, ours = await oracle_with_db.ask(make, "go", retry)
    assert [step.content for step in ours.last.step_results[0].steps] == [
        "before works at attempt 1",
        "subject works at attempt 2",
    ]


async def test_a_failure_deep_in_a_condition_that_is_skipped_leaves_out_the_condition(oracle_with_db: Oracle) -> None:
    inner = lambda: Loop(name="rounds", steps=[fails("subject")], max_iterations=1)  # noqa: E731
    _, ours = await oracle_with_db.ask(
        lambda: flow(Condition(name="c", steps=[says("a"), inner()], human_review=PAUSES), says("last")), "go", skip
    )
    assert [output.step_name for output in ours.last.step_results] == ["last"]


async def test_an_agent_that_cannot_reach_its_model_waits_too(oracle_with_db: Oracle) -> None:
    def make() -> Any:
        broken = agent("Ann")
        broken.model = BrokenModel()
        return flow(Step(name="subject", agent=broken, human_review=PAUSES))

    agno, ours = await oracle_with_db.ask(make, "go")
    assert agno.last.status == RunStatus.completed
    assert len(ours.last.steps_with_errors) == 1


async def test_retries_of_a_failure_are_counted(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(failing()), "go", retry, retry)
    assert agno.last.steps_with_errors[0].retry_count == 0
    assert ours.last.steps_with_errors[0].retry_count == 2


async def test_failures_that_were_decided_stay_with_the_run(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(failing(1)), "go", retry)
    assert agno.last.error_requirements is None
    assert [(one.error_message, one.decision) for one in ours.last.error_requirements] == [
        ("attempt 1 of subject", "retry")
    ]


async def test_an_error_shows_the_input_of_its_step(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(says("first"), failing()), "go")
    assert agno.last.steps_with_errors[0].step_input is None
    assert ours.last.steps_with_errors[0].step_input.previous_step_content == "first says"


async def test_an_error_pause_is_a_pause_of_a_step(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(failing()), "go")
    assert (agno.last.pause_kind, ours.last.pause_kind) == (None, PauseKind.STEP)


async def test_a_failures_step_id_is_its_own(oracle_with_db: Oracle) -> None:
    _, ours = await oracle_with_db.ask(lambda: flow(failing()), "go", retry)
    first, second = ours.last.error_requirements
    assert first.step_id != second.step_id


@pytest.mark.parametrize(
    "container",
    [lambda step: Parallel(says("a"), step), lambda step: Step(name="n", workflow=flow(says("a"), step, id="inner"))],
    ids=["a Parallel", "a nested workflow"],
)
async def test_a_step_cancels_its_run_from_wherever_it_is(oracle: Oracle, container: Any) -> None:
    agno, ours = await oracle.ask(lambda: flow(container(stop()), says("last")), "go")
    assert (agno.last.status, agno.last.content) == (RunStatus.completed, "last says")
    assert (ours.last.status, ours.last.content) == (RunStatus.cancelled, "there is no such release")


@pytest.mark.parametrize(
    "error",
    [SystemExit(3), asyncio.CancelledError(), BaseExceptionGroup("several", [SystemExit(3)])],
    ids=["sys.exit", "CancelledError", "no Exception"],
)
async def test_a_step_that_would_end_its_process_has_failed(bench: Bench, error: BaseException) -> None:
    async def ends(step_input: Any) -> str:
        raise error

    def make() -> Any:
        return flow(Step(name="a", executor=ends, max_retries=0), says("last"), telemetry=False)

    with pytest.raises(type(error)):
        await make().arun("go")
    workflow = make()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("go")
    assert run.content == "last says"
    assert run.step_results[0].success is False


async def test_attempts_are_apart(bench: Bench) -> None:
    """A tenth of a second, then twice as long each time, up to half a minute; agno tries again at once."""
    workflow = flow(fails("a", max_retries=1))
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("go")
        history = await bench.client.get_workflow_handle(run.run_id).fetch_history()
    [policy] = [
        event.activity_task_scheduled_event_attributes.retry_policy
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert policy.initial_interval.ToTimedelta() == timedelta(milliseconds=100)
    assert (policy.backoff_coefficient, policy.maximum_interval.ToTimedelta()) == (2.0, timedelta(seconds=30))

"""Several pauses at once, and run objects that are behind: what is answered is decided, all of it or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import HumanReview, Parallel, Router, Step, Workflow

from agno_temporal import DecisionRefused
from agno_temporal.hitl import Action, Decision, RefusalCode
from tests.support import Bench


def gate(name: str, **review: Any) -> Step:
    return Step(name=name, executor=lambda _: f"{name} ran", human_review=HumanReview(**review))


def fails_once(name: str) -> Step:
    tries: list[str] = []

    def work(step_input: Any) -> str:
        tries.append(name)
        if len(tries) == 1:
            raise ValueError("no route to host")
        return f"{name} ran"

    return Step(name=name, executor=work, max_retries=0, human_review=HumanReview(on_error="pause"))


def several() -> Workflow:
    """A confirmation, a form, a choice of routes and a failure, all open at once."""
    form = [{"name": "copies", "field_type": "int"}]
    way = Router(
        name="way",
        choices=[Step(name="blue", executor=lambda _: "blue ran"), Step(name="green", executor=lambda _: "green ran")],
        human_review=HumanReview(requires_user_input=True),
    )
    branches = [
        gate("sign off", requires_confirmation=True),
        gate("sizing", requires_user_input=True, user_input_schema=form),
        way,
        fails_once("ping"),
    ]
    return Workflow(name="several", steps=[Parallel(*branches, name="all")])


def contents(run: WorkflowRunOutput) -> list[Any]:
    return [step.content for step in run.step_results[0].steps]


async def test_all_of_them_are_answered_in_one_call(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        run.steps_requiring_confirmation[0].confirm()
        run.steps_requiring_user_input[0].set_user_input(copies=2)
        run.steps_requiring_route[0].select("green")
        run.steps_with_errors[0].retry()
        run = await bench.durable(workflow).acontinue_run(run)

    assert run.status == RunStatus.completed
    assert contents(run)[:2] == ["sign off ran", "sizing ran"]
    assert contents(run)[3] == "ping ran"


async def test_what_is_not_answered_stays_open(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        run.steps_with_errors[0].retry()
        run = await bench.durable(workflow).acontinue_run(run)

    assert run.is_paused
    assert [one.step_name for one in run.active_step_requirements] == ["sign off", "sizing", "way"]
    assert run.steps_with_errors == []


async def test_the_last_requirement_is_an_open_one(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        run.steps_requiring_route[0].select("green")
        run = await bench.durable(workflow).acontinue_run(run)

    assert [one.step_name for one in run.step_requirements] == ["way", "sign off", "sizing"]


async def test_one_answer_that_would_be_refused_holds_all_of_them_back(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        run.steps_requiring_confirmation[0].confirm()
        run.steps_requiring_route[0].select("red")
        with pytest.raises(DecisionRefused, match="'red' is not a choice") as refused:
            await bench.durable(workflow).acontinue_run(run)
        now = await bench.durable(workflow).aget_run_output(run.run_id)

    assert refused.value.code is RefusalCode.INVALID_SELECTION
    assert len(now.steps_requiring_confirmation) == 1


async def test_an_object_that_is_behind_is_told_what_happened_meanwhile(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        [asked] = run.steps_requiring_confirmation
        ana = Decision(asked.step_id, Action.CONFIRM, decided_by="ana@example.org")
        await bench.runs.decide(run.run_id, ana)
        with pytest.raises(ValueError, match=r"'sign off' was decided meanwhile: confirm by ana@example.org"):
            await bench.durable(workflow).acontinue_run(run)


async def test_an_answer_to_what_somebody_else_decided_is_refused_and_the_other_answers_wait(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        [asked] = run.steps_requiring_confirmation
        await bench.runs.decide(run.run_id, Decision(asked.step_id, Action.REJECT, decided_by="ana@example.org"))
        asked.confirm()
        run.steps_with_errors[0].skip()
        with pytest.raises(DecisionRefused, match=r"was decided before: reject by ana@example.org"):
            await bench.durable(workflow).acontinue_run(run)
        now = await bench.durable(workflow).aget_run_output(run.run_id)

    assert len(now.steps_with_errors) == 1


async def test_a_failure_that_is_answered_with_nonsense_is_an_error(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        run.steps_with_errors[0].decision = "again"
        with pytest.raises(ValueError, match=r"'again' is neither 'retry' nor 'skip'"):
            await bench.durable(workflow).acontinue_run(run)


async def test_a_run_stored_as_json_keeps_its_failures(bench: Bench) -> None:
    workflow = several()
    async with bench.worker(workflow):
        stored = (await bench.durable(workflow).arun("x")).to_dict()
        run = WorkflowRunOutput.from_dict(stored)
        run.steps_with_errors[0].skip()
        run = await bench.durable(workflow).acontinue_run(run)

    assert [one.decision for one in run.error_requirements] == ["skip"]


async def test_of_two_none_is_sent_where_one_is_larger_than_any_run_takes(bench: Bench) -> None:
    branches = [gate("sign off", requires_confirmation=True), gate("text", requires_output_review=True)]
    workflow = Workflow(name="several", steps=[Parallel(*branches, name="all")])
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("x")
        run.steps_requiring_confirmation[0].confirm()
        run.steps_requiring_output_review[0].edit("x" * 100_000)
        with pytest.raises(DecisionRefused, match="at most 65536 are taken"):
            await bench.durable(workflow).acontinue_run(run)
        assert len(await bench.runs.requirements(run.run_id)) == 2

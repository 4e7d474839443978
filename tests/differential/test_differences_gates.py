"""Gates that agno ignores or opens by itself, and that are kept here (docs/differences.md, "Gates")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Parallel, Router, Step, Steps, Workflow, pause
from agno.workflow.types import StepInput, StepOutput

from agno_temporal import PlanError
from tests.differential.answers import confirm, reject
from tests.differential.blocks import flow, says, tells
from tests.differential.oracle import Oracle

INSIDE: dict[str, Callable[[Step], Any]] = {
    "Steps": lambda step: Steps(name="c", steps=[step]),
    "Loop": lambda step: Loop(name="c", steps=[step], max_iterations=1),
    "Condition": lambda step: Condition(name="c", evaluator=True, steps=[step]),
    "else branch": lambda step: Condition(name="c", evaluator=False, steps=[says()], else_steps=[step]),
    "Router": lambda step: Router(name="c", choices=[step], selector=lambda step_input: "gate"),
    "Parallel": lambda step: Parallel(step, says("b"), name="c"),
    "nested workflow": lambda step: Step(name="c", workflow=flow(step, id="inner")),
}

GATES: dict[str, HumanReview] = {
    "confirmation": HumanReview(requires_confirmation=True),
    "user input": HumanReview(requires_user_input=True),
    "output review": HumanReview(requires_output_review=True),
}


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
@pytest.mark.parametrize("inside", INSIDE.values(), ids=INSIDE)
async def test_a_gate_in_a_container_asks(oracle_with_db: Oracle, inside: Any, gate: HumanReview) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(inside(says("gate", human_review=gate)), says("last")))
    assert agno.last.status == RunStatus.completed
    assert ours.last.status == RunStatus.paused
    assert [one.step_name for one in ours.last.active_step_requirements] == ["gate"]


async def test_a_rejection_before_the_step_asks_again_and_runs_nothing(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True, on_reject="retry")
    agno, ours = await oracle_with_db.ask(lambda: flow(tells("gate", human_review=review)), "go", reject("not yet"))
    assert agno.last.status == RunStatus.completed
    assert "'rejection_feedback': 'not yet'" in agno.last.content
    assert ours.last.status == RunStatus.paused
    assert ours.last.step_results == []
    assert ours.last.active_step_requirements[0].rejection_feedback == "not yet"


async def test_rejections_before_the_step_are_counted(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True, on_reject="retry", max_retries=1)
    _, ours = await oracle_with_db.ask(lambda: flow(tells("gate", human_review=review)), "go", reject(), reject())
    assert ours.last.content == "Max retries (1) reached for step 'gate'"


async def test_a_gate_of_the_decorator_is_never_dropped(oracle_with_db: Oracle) -> None:
    launch = pause(requires_confirmation=True)(lambda step_input: "up")
    with pytest.raises(PlanError, match="is dropped by the step's human_review"):
        await oracle_with_db.ask(
            lambda: flow(Step(name="launch", executor=launch, human_review=HumanReview(on_error="fail")))
        )


async def test_a_stop_is_heeded_after_its_review(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_output_review=True)
    agno, ours = await oracle_with_db.ask(
        lambda: flow(says("stops", stop=True, human_review=review), says("next")), "go", confirm
    )
    assert agno.last.content == "next says"
    assert ours.last.content == "stops says"


async def test_the_rejections_of_one_step_do_not_count_for_the_next(oracle_with_db: Oracle) -> None:
    """Where the first step's new output needs no review, so that the next question is the second step's."""

    def make() -> Workflow:
        asked: list[StepOutput] = []
        once = HumanReview(
            requires_output_review=lambda output: asked.append(output) or len(asked) < 2, on_reject="retry"
        )
        always = HumanReview(requires_output_review=True, on_reject="retry", max_retries=1)
        return flow(says("one", human_review=once), says("two", human_review=always))

    agno, ours = await oracle_with_db.ask(make, "go", reject(), reject())
    assert agno.last.content == "Max retries (1) reached for step 'two'"
    assert ours.last.status == RunStatus.paused


def unsure(output: StepOutput) -> bool:
    raise ValueError("cannot tell")


async def test_a_predicate_that_raises_asks(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_output_review=unsure)
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a", human_review=review)))
    assert agno.last.status == RunStatus.completed
    assert ours.last.status == RunStatus.paused
    assert "cannot tell" in ours.last.active_step_requirements[0].output_review_message


async def test_a_predicate_may_be_a_coroutine_function(oracle_with_db: Oracle) -> None:
    async def never(output: StepOutput) -> bool:
        return False

    review = HumanReview(requires_output_review=never)
    agno, ours = await oracle_with_db.ask(lambda: flow(says("a", human_review=review)))
    assert agno.last.status == RunStatus.paused
    assert ours.last.status == RunStatus.completed


@pytest.mark.parametrize(("on_reject", "status"), [("skip", RunStatus.completed), ("cancel", RunStatus.cancelled)])
async def test_a_form_can_be_rejected(oracle_with_db: Oracle, on_reject: str, status: RunStatus) -> None:
    review = HumanReview(requires_user_input=True, user_input_schema=[{"name": "n"}], on_reject=on_reject)
    agno, ours = await oracle_with_db.ask(
        lambda: flow(tells("gate", human_review=review), says("next")), "go", reject()
    )
    assert "unresolved step requirements" in agno.raised
    assert ours.last.status == status
    assert "gate" not in [result.step_name for result in ours.last.step_results]


async def test_a_confirmation_with_a_form_can_be_rejected_without_filling_it_in(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True, requires_user_input=True, user_input_schema=[{"name": "n"}])
    agno, ours = await oracle_with_db.ask(
        lambda: flow(tells("gate", human_review=review), says("next")), "go", reject()
    )
    assert "unresolved step requirements" in agno.raised
    assert ours.last.content == "next says"


async def test_else_is_shown_as_the_skip_that_it_is(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True, on_reject="else")
    agno, ours = await oracle_with_db.ask(lambda: flow(tells("gate", human_review=review)))
    assert agno.last.step_requirements[0].on_reject == "else"
    assert ours.last.step_requirements[0].on_reject == "skip"


async def test_a_rejection_without_feedback_repeats_what_the_requirement_shows(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_output_review=True, on_reject="retry", max_retries=3)

    def told(step_input: StepInput) -> str:
        return str((step_input.additional_data or {}).get("rejection_feedback"))

    agno, ours = await oracle_with_db.ask(
        lambda: flow(Step(name="a", executor=told, human_review=review)), "go", reject("shorter"), reject(), confirm
    )
    assert (agno.last.content, ours.last.content) == ("None", "shorter")

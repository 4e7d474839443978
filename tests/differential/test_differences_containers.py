"""Pauses on containers that agno forgets, miscounts or answers otherwise than it says (docs/differences.md)."""

from __future__ import annotations

from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import Condition, HumanReview, Loop, Router, Step, Steps

from agno_temporal import DecisionRefused
from agno_temporal.hitl import RefusalCode
from tests.differential.answers import confirm, edit, reject, select
from tests.differential.blocks import agent, flow, says, tells
from tests.differential.oracle import Oracle


def loop(*steps: Any, **options: Any) -> Loop:
    review = HumanReview(requires_iteration_review=True, on_reject="retry", max_retries=options.pop("max_retries", 3))
    return Loop(name="rounds", steps=[*steps], human_review=review, **options)


def router(*choices: Any, **review: Any) -> Router:
    return Router(name="way", choices=[*choices], human_review=HumanReview(**review))


async def test_an_iteration_may_have_several_steps(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(loop(says("a"), says("b"), max_iterations=4)), "go", reject(), confirm
    )
    assert len(ours.last.step_results[0].steps) == 4
    assert ours.last.step_results[0].content == "Loop rounds completed iteration 2/4"
    assert agno.last.step_results[0].content == "Loop rounds completed iteration 3/4"


async def test_a_forwarded_iteration_goes_on_from_the_last_one(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(says("first"), loop(agent(), forward_iteration_output=True)), "go", reject("more"), confirm
    )
    assert "Ann (first says)" in ours.last.step_executor_runs[-1].input.input_content
    assert "Ann (first says)" not in agno.last.step_executor_runs[-1].input.input_content.partition("\n")[0]


async def test_rejections_of_iterations_are_counted(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(loop(says("a"), max_iterations=5, max_retries=1)), "go", reject(), reject()
    )
    assert ours.last.content == "Max retries (1) reached for step 'rounds'"
    assert agno.last.status == RunStatus.paused


async def test_an_edit_of_an_iteration_reaches_what_follows(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(lambda: flow(loop(says("a")), agent()), "go", edit("mine"))
    assert (agno.last.content, ours.last.content) == ("Ann (a says)", "Ann (mine)")


async def test_an_edit_of_a_routers_output_reaches_what_follows(oracle_with_db: Oracle) -> None:
    def make() -> Any:
        way = router(says("a"), requires_output_review=True)
        way.selector = lambda step_input: "a"
        return flow(way, agent())

    agno, ours = await oracle_with_db.ask(make, "go", edit("mine"))
    assert (agno.last.content, ours.last.content) == ("Ann (a says)", "Ann (mine)")


async def test_a_choice_of_routes_can_be_rejected(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(router(says("a"), requires_user_input=True, on_reject="skip"), says("last")), "go", reject()
    )
    assert "unresolved step requirements" in agno.raised
    assert [output.step_name for output in ours.last.step_results] == ["last"]


async def test_a_route_that_is_no_choice_is_refused(oracle_with_db: Oracle) -> None:
    with pytest.raises(DecisionRefused, match="'b' is not a choice") as refused:
        await oracle_with_db.ask(lambda: flow(router(says("a"), requires_user_input=True)), "go", select("b"))
    assert refused.value.code is RefusalCode.INVALID_SELECTION


async def test_rerouting_counts_its_rejections_and_keeps_the_feedback(oracle_with_db: Oracle) -> None:
    asks = {"requires_user_input": True, "requires_output_review": True, "on_reject": "retry", "max_retries": 1}
    agno, ours = await oracle_with_db.ask(
        lambda: flow(router(tells("a"), tells("b"), **asks)), "go", select("a"), reject("wrong"), select("b"), reject()
    )
    assert ours.last.content == "Max retries (1) reached for step 'way'"
    assert agno.last.status == RunStatus.paused
    asked_again = ours.last.step_requirements[2]
    assert (asked_again.rejection_feedback, asked_again.retry_count) == ("wrong", 1)


async def test_the_new_route_is_told_why(oracle_with_db: Oracle) -> None:
    asks = {"requires_user_input": True, "requires_output_review": True, "on_reject": "retry"}
    agno, ours = await oracle_with_db.ask(
        lambda: flow(router(says("a"), agent("Ben"), **asks)), "go", select("a"), reject("wrong"), select("Ben")
    )
    assert "Feedback from reviewer:\nwrong" in ours.last.step_executor_runs[-1].input.input_content
    assert "wrong" not in agno.last.step_executor_runs[-1].input.input_content


async def test_a_router_may_be_confirmed_and_then_asked_for_its_routes(oracle_with_db: Oracle) -> None:
    asks = {"requires_confirmation": True, "requires_user_input": True}
    agno, ours = await oracle_with_db.ask(lambda: flow(router(says("a"), **asks)), "go", confirm)
    assert agno.last.content == "Router way completed with 0 results (no steps selected)"
    assert [one.available_choices for one in ours.last.steps_requiring_route] == [["a"]]


async def test_a_stop_in_a_chosen_route_is_heeded(oracle_with_db: Oracle) -> None:
    agno, ours = await oracle_with_db.ask(
        lambda: flow(router(says("a", stop=True), requires_user_input=True), says("last")), "go", select("a")
    )
    assert (agno.last.content, ours.last.content) == ("last says", "a says")


@pytest.mark.parametrize(
    "container",
    [
        lambda review: Steps(name="c", steps=[says("in")], human_review=review),
        lambda review: Loop(name="c", steps=[says("in")], human_review=review),
        lambda review: Condition(name="c", steps=[says("in")], human_review=review),
        lambda review: Router(name="c", choices=[says("in")], human_review=review),
    ],
    ids=["Steps", "Loop", "Condition", "Router"],
)
async def test_a_rejected_container_asks_again_and_runs_nothing(oracle_with_db: Oracle, container: Any) -> None:
    review = HumanReview(requires_confirmation=True, on_reject="retry")
    agno, ours = await oracle_with_db.ask(lambda: flow(container(review)), "go", reject("not yet"))
    assert agno.last.status == RunStatus.completed
    assert ours.last.active_step_requirements[0].rejection_feedback == "not yet"
    assert ours.last.step_results == []


async def test_who_confirms_a_condition_takes_its_if_branch(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True)
    agno, ours = await oracle_with_db.ask(
        lambda: flow(
            Condition(name="c", evaluator=False, steps=[says("a")], else_steps=[says("b")], human_review=review)
        ),
        "go",
        confirm,
    )
    assert (agno.last.content, ours.last.content) == ("b says", "a says")


@pytest.mark.parametrize(
    ("on_reject", "says_no"), [("skip", "neither branch"), ("cancel", "cancel the run"), ("else", "else branch")]
)
async def test_a_conditions_question_says_what_no_does(oracle_with_db: Oracle, on_reject: str, says_no: str) -> None:
    review = HumanReview(requires_confirmation=True, on_reject=on_reject)
    _, ours = await oracle_with_db.ask(lambda: flow(Condition(name="c", steps=[says("a")], human_review=review)), "go")
    assert ours.last.step_requirements[0].confirmation_message.endswith(f"(yes=if branch, no={says_no})")


async def test_a_containers_question_shows_its_policy(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True, on_reject="retry", max_retries=2, timeout=3600)
    agno, ours = await oracle_with_db.ask(lambda: flow(Steps(name="c", steps=[says("a")], human_review=review)), "go")
    assert (agno.last.step_requirements[0].max_retries, agno.last.step_requirements[0].timeout_at) == (None, None)
    assert ours.last.step_requirements[0].max_retries == 2
    assert ours.last.step_requirements[0].timeout_at is not None


async def test_a_routers_review_shows_its_input(oracle_with_db: Oracle) -> None:
    def make() -> Any:
        way = router(says("a"), requires_output_review=True)
        way.selector = lambda step_input: "a"
        return flow(way)

    agno, ours = await oracle_with_db.ask(make, "go")
    assert agno.last.step_requirements[0].step_input is None
    assert ours.last.step_requirements[0].step_input.input == "go"


async def test_a_containers_gate_in_a_container_asks(oracle_with_db: Oracle) -> None:
    review = HumanReview(requires_confirmation=True)
    inner = Loop(name="rounds", steps=[says("a")], human_review=review)
    agno, ours = await oracle_with_db.ask(lambda: flow(Step(name="sub", workflow=flow(inner, id="inner"))), "go")
    assert agno.last.status == RunStatus.completed
    assert [one.step_name for one in ours.last.active_step_requirements] == ["rounds"]

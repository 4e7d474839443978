"""Retry limits: how often a rejection may send a step back before it ends the run.

agno counts the rejections of an output review only, and takes a limit of 0 for none at all. A step that is rejected by
a timer and has no limit would be tried again for ever, with nobody watching: that is bounded here.
"""

import pytest

from agno_temporal.hitl import Action, Actor, AskAgain, Cancel, Kind, Outcome, Policy, Redo, outcome_of
from agno_temporal.hitl.outcome import TIMER_ROUNDS
from tests.hitl.agno_gate import AgnoGate
from tests.hitl.questions import ANA, answer, question

TIMER = Actor.TIMER.value

TRIED_AGAIN = [kind for kind in Kind if kind is not Kind.EXECUTOR]
"""A model's turn is not: test_tool_outcomes.py."""


def rejected(
    kind: Kind, rejections_before: int, max_retries: int | None, by: str = ANA, by_timer_before: int = 0
) -> Outcome:
    policy = Policy(on_reject="retry", max_retries=max_retries)
    asked = question(kind, policy=policy, retry_count=rejections_before, timer_rejections=by_timer_before)
    return outcome_of(asked, answer(Action.REJECT, feedback="again", decided_by=by))


@pytest.mark.parametrize("max_retries", [1, 2, 3])
def test_the_rejection_after_the_last_retry_cancels_the_run_as_in_agno(max_retries: int):
    agno = AgnoGate(requires_output_review=True, on_reject="retry", max_retries=max_retries)
    theirs = [agno.outcome(lambda asked: asked.reject("again")) for _ in range(max_retries + 1)]
    assert [rejected(Kind.OUTPUT_REVIEW, before, max_retries) for before in range(max_retries + 1)] == theirs
    assert theirs[-1] == Cancel(f"Max retries ({max_retries}) reached for step 'deploy'")


@pytest.mark.parametrize("no_limit", [0, None])
def test_a_limit_of_zero_or_none_is_no_limit_for_a_person_as_in_agno(no_limit: int | None):
    agno = AgnoGate(requires_output_review=True, on_reject="retry", max_retries=no_limit)
    for before in range(5):
        theirs = agno.outcome(lambda asked: asked.reject("again"))
        assert rejected(Kind.OUTPUT_REVIEW, before, no_limit) == theirs == Redo("again")


@pytest.mark.parametrize("kind", [Kind.CONFIRMATION, Kind.USER_INPUT])
def test_the_limit_holds_before_execution_too(kind: Kind):
    assert rejected(kind, 1, max_retries=2) == AskAgain("again")
    assert rejected(kind, 2, max_retries=2) == Cancel("Max retries (2) reached for step 'deploy'")


@pytest.mark.parametrize("no_limit", [0, None])
@pytest.mark.parametrize("kind", TRIED_AGAIN)
def test_without_a_limit_a_timer_rejects_for_three_rounds_and_then_ends_the_run(kind: Kind, no_limit: int | None):
    outcomes = [rejected(kind, before, no_limit, TIMER, by_timer_before=before) for before in range(TIMER_ROUNDS + 1)]
    assert TIMER_ROUNDS == 3
    assert all(isinstance(outcome, AskAgain | Redo) for outcome in outcomes[:-1])
    assert outcomes[-1] == Cancel("Max retries (3) reached for step 'deploy'")


@pytest.mark.parametrize("no_limit", [0, None])
@pytest.mark.parametrize("kind", TRIED_AGAIN)
def test_the_rejections_of_people_spend_none_of_the_timers_rounds(kind: Kind, no_limit: int | None):
    assert isinstance(rejected(kind, 9, no_limit, TIMER, by_timer_before=0), AskAgain | Redo)
    assert isinstance(rejected(kind, 9, no_limit, TIMER, by_timer_before=TIMER_ROUNDS - 1), AskAgain | Redo)


def test_the_timers_rounds_count_though_people_rejected_between_them():
    spent = rejected(Kind.CONFIRMATION, 9, None, TIMER, by_timer_before=TIMER_ROUNDS)
    assert spent == Cancel("Max retries (3) reached for step 'deploy'")


def test_a_person_may_still_reject_when_the_timers_rounds_are_spent():
    assert rejected(Kind.OUTPUT_REVIEW, 9, None, ANA, by_timer_before=TIMER_ROUNDS) == Redo("again")


@pytest.mark.parametrize("by", [ANA, TIMER])
def test_a_limit_that_is_given_counts_the_rejections_of_both_together(by: str):
    assert rejected(Kind.CONFIRMATION, 4, 5, by, by_timer_before=4) == AskAgain("again")
    assert rejected(Kind.CONFIRMATION, 5, 5, by, by_timer_before=1) == (
        Cancel("Max retries (5) reached for step 'deploy'")
    )


def test_a_limit_that_is_given_holds_for_a_timer_as_for_a_person():
    assert rejected(Kind.OUTPUT_REVIEW, 4, max_retries=5, by=TIMER) == Redo("again")
    assert rejected(Kind.OUTPUT_REVIEW, 5, max_retries=5, by=TIMER) == rejected(Kind.OUTPUT_REVIEW, 5, 5)


@pytest.mark.parametrize("on_reject", ["skip", "else", "cancel"])
def test_the_limit_is_of_no_account_under_another_policy(on_reject: str):
    within = question(policy=Policy(on_reject=on_reject, max_retries=1))
    beyond = question(policy=Policy(on_reject=on_reject, max_retries=1), retry_count=7)
    assert outcome_of(within, answer(Action.REJECT)) == outcome_of(beyond, answer(Action.REJECT))

"""The ledger: one decision for each question, and every other one is told who won.

Many people click at once, a click arrives twice, or for an iteration that is over, or after the deadline while every
worker was down. agno has no ledger: three concurrent continues ran the gated step three times (D29).
"""

import pytest

from agno_temporal.hitl import Action, Kind, Ledger, RefusalCode, Requirement, Resolution
from tests.hitl.judging import decide, ledger_with, refused
from tests.hitl.questions import ANA, BEN, OPENED, answer, question

DEADLINE = OPENED + 60


@pytest.fixture
def ledger() -> Ledger:
    """With the one question `question()` open."""
    return ledger_with(question(deadline=DEADLINE))


def waiting(ledger: Ledger) -> list[str]:
    return [requirement.id for requirement in ledger.opened()]


def test_a_decision_closes_its_question_and_is_recorded_with_the_time_of_the_server(ledger: Ledger):
    decide(ledger, answer(), now=OPENED + 5)
    assert waiting(ledger) == []
    assert ledger.resolution("q1") == Resolution(answer(), at=OPENED + 5)


def test_judging_changes_nothing(ledger: Ledger):
    ledger.judge(answer(), OPENED)
    assert waiting(ledger) == ["q1"]
    assert ledger.resolution("q1") is None


def test_the_first_decision_wins_and_the_second_is_told_who_won(ledger: Ledger):
    winner = decide(ledger, answer(Action.CONFIRM, decided_by=ANA))
    refusal = refused(ledger, answer(Action.REJECT, decided_by=BEN))
    assert (refusal.code, refusal.winner) == (RefusalCode.ALREADY_DECIDED, winner)
    assert refusal.message == (
        "Step 'deploy' was decided before: confirm by ana@example.org. This decision changes nothing."
    )


def test_a_winner_without_a_name_is_an_unnamed_caller(ledger: Ledger):
    decide(ledger, answer(decided_by=None))
    assert "confirm by an unnamed caller" in refused(ledger, answer(decided_by=BEN)).message


def test_recording_twice_keeps_the_first(ledger: Ledger):
    first, second = Resolution(answer(Action.CONFIRM), OPENED), Resolution(answer(Action.REJECT), OPENED)
    ledger.record(first)
    ledger.record(second)
    assert ledger.resolution("q1") == first


def test_a_decision_before_the_deadline_counts(ledger: Ledger):
    assert decide(ledger, answer(), now=DEADLINE - 0.001)


@pytest.mark.parametrize("late", [0.0, 0.001, 3_600.0])
def test_a_decision_at_the_deadline_or_after_it_is_expired(ledger: Ledger, late: float):
    refusal = refused(ledger, answer(), now=DEADLINE + late)
    assert refusal.code is RefusalCode.EXPIRED
    assert refusal.message == "The deadline of step 'deploy' has passed: on_timeout='cancel' applies."
    assert waiting(ledger) == ["q1"]


def test_without_a_deadline_nothing_expires():
    ledger = ledger_with(question())
    assert decide(ledger, answer(), now=OPENED + 90 * 86_400)


def test_questions_are_listed_in_the_order_in_which_they_opened_with_their_resolutions(ledger: Ledger):
    asked = [question(deadline=DEADLINE), question(id="q2", path="2"), question(Kind.OUTPUT_REVIEW, id="q3", path="0")]
    for requirement in asked[1:]:
        ledger.open(requirement)
    resolution = decide(ledger, answer(requirement_id="q2"))
    assert list(ledger.all()) == [(asked[0], None), (asked[1], resolution), (asked[2], None)]
    assert waiting(ledger) == ["q1", "q3"]


def test_a_question_is_found_by_its_id(ledger: Ledger):
    found: Requirement | None = ledger.requirement("q1")
    assert found == question(deadline=DEADLINE)
    assert ledger.requirement("q2") is None


def test_nothing_can_be_recorded_for_a_question_that_has_not_opened():
    ledger = Ledger()
    with pytest.raises(KeyError):
        ledger.record(Resolution(answer(), OPENED))

"""Decision ids: the same decision sent twice is one, and nobody's id answers for somebody else.

A client that lost the answer sends its decision again under the same id, and must be told what was recorded. An id is
its sender's own: two people whose clients both count from 1 have not sent the same decision.
"""

import pytest

from agno_temporal.hitl import Action, Ledger, RefusalCode
from tests.hitl.judging import decide, ledger_with, refused
from tests.hitl.questions import ANA, BEN, OPENED, answer, question

DEADLINE = OPENED + 60


@pytest.fixture
def ledger() -> Ledger:
    """With the one question `question()` open."""
    return ledger_with(question(deadline=DEADLINE))


def test_the_same_decision_id_and_answer_get_the_recorded_resolution_again(ledger: Ledger):
    first = decide(ledger, answer(decision_id="k1"), now=OPENED + 1)
    assert ledger.judge(answer(decision_id="k1"), now=OPENED + 30) == first


def test_a_repeated_decision_is_answered_after_the_deadline_too(ledger: Ledger):
    first = decide(ledger, answer(decision_id="k1"))
    assert ledger.judge(answer(decision_id="k1"), now=DEADLINE + 1) == first


def test_a_repeated_decision_is_answered_while_the_step_asks_anew(ledger: Ledger):
    first = decide(ledger, answer(Action.REJECT, decision_id="k1"))
    ledger.open(question(id="q2", occurrence=2))
    assert ledger.judge(answer(Action.REJECT, decision_id="k1"), now=OPENED) == first


@pytest.mark.parametrize("no_id", [None, ""])
def test_without_a_decision_id_the_same_answer_is_another_decision(ledger: Ledger, no_id: str | None):
    decide(ledger, answer(decision_id=no_id))
    assert refused(ledger, answer(decision_id=no_id)).code is RefusalCode.ALREADY_DECIDED


@pytest.mark.parametrize("other", [{"action": Action.REJECT}, {"feedback": "fine"}, {"values": {"region": "eu"}}])
def test_a_decision_id_that_is_used_for_another_answer_is_refused(ledger: Ledger, other: dict[str, object]):
    winner = decide(ledger, answer(decision_id="k1"))
    refusal = refused(ledger, answer(**{"decision_id": "k1", **other}))
    assert (refusal.code, refusal.winner) == (RefusalCode.KEY_REUSED, winner)
    assert refusal.message == "The decision id 'k1' was used for another answer. Use a new one."


def test_a_refused_decision_does_not_use_up_its_id(ledger: Ledger):
    refused(ledger, answer(Action.INPUT, decision_id="k1"))
    assert decide(ledger, answer(Action.CONFIRM, decision_id="k1")).decision.action is Action.CONFIRM


@pytest.mark.parametrize("action", [Action.CONFIRM, Action.REJECT])
@pytest.mark.parametrize(("first", "second"), [(ANA, BEN), (ANA, None), (None, BEN)])
def test_the_decision_id_of_somebody_else_is_another_id(
    ledger: Ledger, first: str | None, second: str | None, action: Action
):
    winner = decide(ledger, answer(Action.CONFIRM, decision_id="1", decided_by=first))
    refusal = refused(ledger, answer(action, decision_id="1", decided_by=second))
    assert (refusal.code, refusal.winner) == (RefusalCode.ALREADY_DECIDED, winner)


def test_somebody_elses_decision_under_the_same_id_is_stale_once_the_step_asks_anew(ledger: Ledger):
    decide(ledger, answer(Action.REJECT, decision_id="1", decided_by=ANA))
    ledger.open(question(id="q2", occurrence=2))
    assert refused(ledger, answer(Action.REJECT, decision_id="1", decided_by=BEN)).open_requirement == "q2"


def test_callers_without_a_name_share_their_ids(ledger: Ledger):
    first = decide(ledger, answer(decision_id="k1", decided_by=None))
    assert ledger.judge(answer(decision_id="k1", decided_by=None), now=OPENED + 1) == first

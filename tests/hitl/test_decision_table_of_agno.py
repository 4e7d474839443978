"""The decision table against agno itself, which is run here as the oracle.

A table that is copied from a reading of agno is wrong where the reading was, and goes stale with the next release. Each
cell that agno fills rightly is compared with what it does; each that it fills wrongly shows the evidence instead, so
that a test fails on the day that agno mends it.
"""

import pytest

from agno_temporal.hitl import Action, AskAgain, Cancel, Kind, Policy, Proceed, Skip, outcome_of
from tests.hitl.agno_gate import AgnoGate
from tests.hitl.questions import REGION, answer, question

WHY = "not on a Friday"
FORM = [{"name": "region", "allowed_values": ["eu", "us"]}]
FLAG = {Kind.CONFIRMATION: "requires_confirmation", Kind.OUTPUT_REVIEW: "requires_output_review"}
WITH_AGNO = [
    (kind, on_reject)
    for kind in FLAG
    for on_reject in ("skip", "cancel", "retry", "else", "a typo")
    if (kind, on_reject) != (Kind.CONFIRMATION, "retry")
]


@pytest.mark.parametrize(("kind", "on_reject"), WITH_AGNO)
def test_a_rejection_does_what_it_does_in_agno(kind: Kind, on_reject: str):
    agno = AgnoGate(**{FLAG[kind]: True}, on_reject=on_reject)
    ours = outcome_of(question(kind, policy=Policy(on_reject=on_reject)), answer(Action.REJECT, feedback=WHY))
    assert ours == agno.outcome(lambda asked: asked.reject(WHY))


def test_before_execution_agno_runs_what_was_rejected_with_retry_and_we_ask_again():
    agno = AgnoGate(requires_confirmation=True, on_reject="retry")
    ours = outcome_of(question(policy=Policy(on_reject="retry")), answer(Action.REJECT, feedback=WHY))
    assert agno.outcome(lambda asked: asked.reject(WHY)) == Proceed()
    assert ours == AskAgain(WHY)


@pytest.mark.parametrize("kind", FLAG)
def test_a_confirmation_does_what_it_does_in_agno(kind: Kind):
    agno = AgnoGate(**{FLAG[kind]: True})
    assert outcome_of(question(kind), answer(Action.CONFIRM)) == agno.outcome(lambda asked: asked.confirm())


@pytest.mark.parametrize("replacement", ["reworked", "", 0, ["a"], {"live": True}])
def test_an_edit_does_what_it_does_in_agno(replacement: object):
    agno = AgnoGate(requires_output_review=True)
    ours = outcome_of(question(Kind.OUTPUT_REVIEW), answer(Action.EDIT, edited_output=replacement))
    assert ours == agno.outcome(lambda asked: asked.edit(replacement))


def test_what_was_filled_in_reaches_the_step_as_in_agno():
    agno = AgnoGate(requires_user_input=True, user_input_schema=FORM)
    ours = outcome_of(question(Kind.USER_INPUT, schema=(REGION,)), answer(Action.INPUT, values={"region": "eu"}))
    assert ours == agno.outcome(lambda asked: asked.set_user_input(region="eu"))


def test_a_confirmation_with_a_form_carries_both_answers_as_in_agno():
    agno = AgnoGate(requires_confirmation=True, requires_user_input=True, user_input_schema=FORM)
    ours = outcome_of(question(schema=(REGION,)), answer(Action.CONFIRM, values={"region": "eu"}))
    assert ours == agno.outcome(lambda asked: (asked.confirm(), asked.set_user_input(region="eu")))


def test_agno_cannot_reject_a_form_and_we_follow_on_reject():
    agno = AgnoGate(requires_user_input=True, user_input_schema=FORM, on_reject="cancel")
    with pytest.raises(ValueError, match="unresolved step requirements"):
        agno.outcome(lambda asked: asked.reject(WHY))
    ours = outcome_of(question(Kind.USER_INPUT, policy=Policy(on_reject="cancel")), answer(Action.REJECT))
    assert ours == Cancel("Workflow cancelled: Step 'deploy' was rejected")


def test_agno_rejects_a_confirmation_with_a_form_only_once_the_form_is_filled_in_and_we_reject_it():
    agno = AgnoGate(requires_confirmation=True, requires_user_input=True, user_input_schema=FORM, on_reject="skip")
    with pytest.raises(ValueError, match="unresolved step requirements"):
        agno.outcome(lambda asked: asked.reject(WHY))
    assert outcome_of(question(schema=(REGION,)), answer(Action.REJECT)) == Skip()

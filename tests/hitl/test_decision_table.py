"""The decision table, cell by cell: what every answer does to every kind of question under every policy.

A cell that nobody wrote down is decided by whoever edits the code next, and a rejected deployment then runs. So the
tables here name every kind, action and policy, and a test counts them. Where agno is right it is asked
(test_decision_table_of_agno.py).
"""

from itertools import product

import pytest

from agno_temporal.hitl import (
    Action,
    Actor,
    AskAgain,
    Cancel,
    Kind,
    Outcome,
    Policy,
    Proceed,
    Redo,
    Skip,
    TakeElse,
    ToolAnswer,
    outcome_of,
)
from tests.hitl.questions import ANA, answer, question

WHY = "not on a Friday"
VALUES = {"region": "eu"}
ANSWERS = {"x1": ToolAnswer(result="done")}
ACTORS = (ANA, Actor.TIMER.value)
REJECTED = Cancel("Workflow cancelled: Step 'deploy' was rejected")
FAILED = Cancel("Workflow cancelled: Step 'deploy' failed")
CANCELLED = {kind: FAILED if kind is Kind.ERROR else REJECTED for kind in Kind}

ON_REJECT: dict[str, dict[Kind, Outcome]] = {
    "skip": dict.fromkeys(Kind, Skip()),
    "else": dict.fromkeys(Kind, Skip()),
    "cancel": CANCELLED,
    "retry": {
        Kind.CONFIRMATION: AskAgain(WHY),
        Kind.USER_INPUT: AskAgain(WHY),
        Kind.ROUTE_SELECTION: AskAgain(WHY),
        Kind.OUTPUT_REVIEW: Redo(WHY),
        Kind.ITERATION_REVIEW: Redo(WHY),
        Kind.ERROR: Redo(WHY),
        Kind.EXECUTOR: REJECTED,  # A turn of a model is not tried again: see test_tool_outcomes.py.
    },
    # Refused at registration; a policy that a later version writes into a history must still end somewhere safe.
    "a policy of tomorrow": CANCELLED,
}
WHATEVER_THE_POLICY: dict[Action, Outcome] = {
    Action.CONFIRM: Proceed(values=VALUES),
    Action.INPUT: Proceed(values=VALUES),
    Action.EDIT: Proceed(edited_output="edited", edited=True),
    Action.SELECT: Proceed(values=VALUES, selected=("blue", "green")),
    Action.ANSWER: Proceed(answers=ANSWERS),
    Action.SKIP: Skip(),
    Action.CANCEL: REJECTED,
}
SENT = {
    Action.CONFIRM: answer(Action.CONFIRM, values=VALUES),
    Action.INPUT: answer(Action.INPUT, values=VALUES),
    Action.EDIT: answer(Action.EDIT, edited_output="edited"),
    Action.SELECT: answer(Action.SELECT, values=VALUES, selected=("blue", "green")),
    Action.ANSWER: answer(Action.ANSWER, answers=ANSWERS),
    Action.SKIP: answer(Action.SKIP),
    Action.CANCEL: answer(Action.CANCEL),
}


def test_the_tables_name_every_kind_and_every_action():
    assert {*WHATEVER_THE_POLICY, Action.REJECT, Action.RETRY} == set(Action)
    assert all(cells.keys() == set(Kind) for cells in ON_REJECT.values())


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize(("on_reject", "kind"), [*product(ON_REJECT, Kind)])
def test_a_rejection_does_what_on_reject_says_whoever_rejects(on_reject: str, kind: Kind, actor: str):
    asked = question(kind, policy=Policy(on_reject=on_reject))
    assert outcome_of(asked, answer(Action.REJECT, feedback=WHY, decided_by=actor)) == ON_REJECT[on_reject][kind]


@pytest.mark.parametrize(("kind", "on_reject"), [*product(Kind, ON_REJECT)])
@pytest.mark.parametrize("action", WHATEVER_THE_POLICY)
def test_every_other_answer_does_the_same_under_every_policy(action: Action, kind: Kind, on_reject: str):
    asked = question(kind, policy=Policy(on_reject=on_reject, max_retries=1), retry_count=9)
    expected = CANCELLED[kind] if action is Action.CANCEL else WHATEVER_THE_POLICY[action]
    assert outcome_of(asked, SENT[action]) == expected


@pytest.mark.parametrize("on_reject", ON_REJECT)
def test_whoever_mends_a_failure_tries_again_as_often_as_it_takes(on_reject: str):
    asked = question(Kind.ERROR, policy=Policy(on_reject=on_reject, max_retries=1), retry_count=9)
    assert outcome_of(asked, answer(Action.RETRY)) == Redo(None)


@pytest.mark.parametrize("kind", Kind)
def test_a_rejected_condition_takes_its_other_branch_where_on_reject_says_so(kind: Kind):
    asked = question(kind, policy=Policy(on_reject="else"), step_type="Condition")
    assert outcome_of(asked, answer(Action.REJECT)) == TakeElse()


def test_a_confirmation_without_values_runs_the_step_as_it_is():
    assert outcome_of(question(), answer(Action.CONFIRM)) == Proceed(values=None, edited=False)


@pytest.mark.parametrize("replacement", ["", 0, False, [], {}])
def test_an_edit_to_something_empty_is_an_edit(replacement: object):
    outcome = outcome_of(question(Kind.OUTPUT_REVIEW), answer(Action.EDIT, edited_output=replacement))
    assert outcome == Proceed(edited_output=replacement, edited=True)


@pytest.mark.parametrize(("kind", "outcome"), [(Kind.CONFIRMATION, AskAgain(None)), (Kind.OUTPUT_REVIEW, Redo(None))])
def test_a_rejection_without_feedback_carries_none(kind: Kind, outcome: Outcome):
    assert outcome_of(question(kind, policy=Policy(on_reject="retry")), answer(Action.REJECT)) == outcome

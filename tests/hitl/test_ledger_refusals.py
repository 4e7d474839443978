"""What the ledger refuses, and that a refusal tells the caller what to do.

A decision that is dropped without a word looks like one that was taken: somebody believes that the release was stopped.
"""

import pytest

from agno_temporal.hitl import Action, Decision, Kind, Refusal, RefusalCode, Requirement, Resolution, ToolAnswer
from agno_temporal.plan import InputField
from tests.hitl.judging import ledger_with, refused
from tests.hitl.questions import BEN, OPENED, REGION, REPLICAS, answer, question

ALLOWED = {
    Kind.CONFIRMATION: ("confirm", "reject"),
    Kind.USER_INPUT: ("input", "reject"),
    Kind.OUTPUT_REVIEW: ("confirm", "reject", "edit"),
    Kind.ITERATION_REVIEW: ("confirm", "reject", "edit"),
    Kind.ROUTE_SELECTION: ("select", "reject"),
    Kind.ERROR: ("retry", "skip"),
    Kind.EXECUTOR: ("answer",),
}
FORM = {Kind.USER_INPUT: (REGION,)}
CONTENT = {
    "input": {"values": {"region": "eu"}},
    "edit": {"edited_output": "better"},
    "select": {"selected": ("blue",)},
    "answer": {"answers": {"x1": ToolAnswer(result="done")}},
}
NOT_ALLOWED = [(kind, action) for kind in Kind for action in Action if action.value not in ALLOWED[kind]]


def judged(requirement: Requirement, decision: Decision) -> Resolution | Refusal:
    return ledger_with(requirement).judge(decision, OPENED)


def test_an_unknown_requirement_is_not_found_and_nothing_is_approved_ahead():
    ledger = ledger_with()
    refusal = ledger.judge(answer(), OPENED)
    ledger.open(question())
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.NOT_FOUND
    assert refusal.message == "This run has no requirement 'q1'. List what it waits for, and decide that."
    assert ledger.resolution("q1") is None


@pytest.mark.parametrize(("kind", "action"), NOT_ALLOWED)
def test_an_action_that_the_question_does_not_take_is_refused_and_the_allowed_ones_named(kind: Kind, action: Action):
    refusal = judged(question(kind, schema=FORM.get(kind)), answer(action))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.allowed) == (RefusalCode.ACTION_NOT_ALLOWED, ALLOWED[kind])
    assert refusal.message == (
        f"Step 'deploy' waits for {kind.value}, which takes {', '.join(ALLOWED[kind])}, not {action.value}."
    )


@pytest.mark.parametrize(("kind", "action"), [(kind, action) for kind in Kind for action in ALLOWED[kind]])
def test_an_action_that_the_question_takes_is_admitted(kind: Kind, action: str):
    asked = question(kind, schema=FORM.get(kind), choices=("blue", "green"))
    assert isinstance(judged(asked, answer(Action(action), **CONTENT.get(action, {}))), Resolution)


@pytest.mark.parametrize(("kind", "action"), [(Kind.USER_INPUT, Action.INPUT), (Kind.CONFIRMATION, Action.CONFIRM)])
def test_all_wrong_fields_are_named_at_once(kind: Kind, action: Action):
    refusal = judged(question(kind, schema=(REGION, REPLICAS)), answer(action, values={"replicas": "3", "size": 1}))
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.INVALID_INPUT
    wrong = ("region: is required", "replicas: expected int, got str", "size: is not a field of this form")
    assert refusal.errors == wrong
    assert refusal.message == f"Step 'deploy': {'; '.join(wrong)}."


def test_no_field_of_a_refused_form_is_kept_for_the_next_answer():
    ledger = ledger_with(question(Kind.USER_INPUT, schema=(REGION, REPLICAS)))
    ledger.judge(answer(Action.INPUT, values={"region": "eu", "replicas": "3"}), OPENED)
    refusal = ledger.judge(answer(Action.INPUT, values={"replicas": 3}), OPENED)
    assert isinstance(refusal, Refusal)
    assert refusal.errors == ("region: is required",)


def test_a_form_of_optional_fields_may_be_left_empty():
    form = (InputField("note", required=False),)
    assert isinstance(judged(question(Kind.USER_INPUT, schema=form), answer(Action.INPUT)), Resolution)


@pytest.mark.parametrize(
    ("kind", "decision", "error"),
    [
        (Kind.CONFIRMATION, answer(values={"region": "eu"}), "values: not taken by confirm here"),
        (Kind.USER_INPUT, answer(Action.REJECT, values={"region": "eu"}), "values: not taken by reject here"),
        (Kind.OUTPUT_REVIEW, answer(edited_output="better"), "edited_output: only taken by edit"),
        (Kind.OUTPUT_REVIEW, answer(Action.EDIT), "edited_output: is required"),
        (Kind.CONFIRMATION, answer(Action.REJECT, edited_output=0), "edited_output: only taken by edit"),
        (Kind.CONFIRMATION, answer(selected=("blue",)), "selected: only taken by select"),
        (Kind.ERROR, answer(Action.RETRY, values={"region": "eu"}), "values: not taken by retry here"),
    ],
)
def test_content_that_the_action_would_ignore_is_refused(kind: Kind, decision: Decision, error: str):
    refusal = judged(question(kind, schema=FORM.get(kind)), decision)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.errors) == (RefusalCode.INVALID_INPUT, (error,))


@pytest.mark.parametrize("second", [answer(Action.CONFIRM), answer(Action.REJECT, decided_by=BEN)])
def test_a_decision_for_an_earlier_iteration_is_stale_and_names_the_open_question(second: Decision):
    ledger = ledger_with(question())
    first = Resolution(answer(Action.REJECT), OPENED)
    ledger.record(first)
    ledger.open(question(id="q2", occurrence=2))
    refusal = ledger.judge(second, OPENED)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.open_requirement, refusal.winner) == (RefusalCode.STALE, "q2", first)


def test_a_decision_for_an_earlier_iteration_does_not_decide_the_later_one():
    ledger = ledger_with(question())
    ledger.record(Resolution(answer(Action.REJECT), OPENED))
    ledger.open(question(id="q2", occurrence=2))
    ledger.judge(answer(), OPENED)
    assert [requirement.id for requirement in ledger.opened()] == ["q2"]


def test_the_open_question_of_another_step_makes_no_decision_stale():
    ledger = ledger_with(question(), question(id="q2", path="2"))
    ledger.record(Resolution(answer(), OPENED))
    refusal = ledger.judge(answer(), OPENED)
    assert isinstance(refusal, Refusal)
    assert refusal.code is RefusalCode.ALREADY_DECIDED


def test_a_confirmation_with_a_form_takes_no_edited_output():
    refusal = judged(question(schema=(REGION,)), answer(values={"region": "eu"}, edited_output="better"))
    assert isinstance(refusal, Refusal)
    assert refusal.errors == ("edited_output: only taken by edit",)


def test_a_form_without_a_schema_takes_any_values_but_at_least_one():
    asked = question(Kind.USER_INPUT, schema=None)
    refusal = refused(ledger_with(asked), answer(Action.INPUT))
    assert (refusal.code, refusal.errors) == (RefusalCode.INVALID_INPUT, ("values: at least one value is needed",))
    assert isinstance(judged(asked, answer(Action.INPUT, values={"anything": [1]})), Resolution)
    assert isinstance(judged(asked, answer(Action.REJECT)), Resolution)


def test_a_late_click_on_a_confirmation_is_not_stale_because_the_output_is_under_review():
    ledger = ledger_with(question())
    ledger.record(Resolution(answer(), OPENED))
    ledger.open(question(Kind.OUTPUT_REVIEW, id="q2", occurrence=2))
    assert refused(ledger, answer(decided_by=BEN)).code is RefusalCode.ALREADY_DECIDED


def test_a_stale_decision_is_shown_the_open_question_of_its_own_kind():
    ledger = ledger_with(question())
    ledger.record(Resolution(answer(Action.REJECT), OPENED))
    ledger.open(question(Kind.OUTPUT_REVIEW, id="q2", occurrence=2))
    ledger.open(question(id="q3", occurrence=3))
    refusal = refused(ledger, answer(decided_by=BEN))
    assert (refusal.code, refusal.open_requirement) == (RefusalCode.STALE, "q3")


def test_each_fault_names_its_field_whatever_is_in_the_name():
    asked = question(Kind.USER_INPUT, schema=(InputField("a: b"), REPLICAS))
    refusal = judged(asked, answer(Action.INPUT, values={"replicas": "two"}))
    assert isinstance(refusal, Refusal)
    assert refusal.fields == ("a: b", "replicas")
    assert refusal.errors == ("a: b: is required", "replicas: expected int, got str")


def test_the_faults_of_tools_are_named_by_the_call():
    refusal = judged(question(Kind.EXECUTOR), answer(Action.ANSWER, answers={"who": ToolAnswer(result="")}))
    assert isinstance(refusal, Refusal)
    assert refusal.fields == ("x1", "who")


def test_an_unknown_route_is_answered_with_those_there_are():
    refusal = judged(question(Kind.ROUTE_SELECTION, choices=("a", "b")), answer(Action.SELECT, selected=("c",)))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.choices) == (RefusalCode.INVALID_SELECTION, ("a", "b"))


def test_what_expired_says_when():
    refusal = refused(ledger_with(question(deadline=OPENED)), answer(), OPENED)
    assert (refusal.code, refusal.deadline) == (RefusalCode.EXPIRED, OPENED)

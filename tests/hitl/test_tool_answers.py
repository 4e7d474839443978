"""Answers to a pause's tools are judged whole: each question has one, of its own kind, and every fault is named."""

from dataclasses import replace
from typing import Any

import pytest

from agno_temporal.hitl import Action, Ledger, RefusalCode, Rules, ToolAnswer, ToolQuestion, allowed_actions
from agno_temporal.hitl.executor import answers_of
from agno_temporal.hitl.tools import answer_errors, answer_faults, filled_in, given_to
from agno_temporal.plan import InputField
from tests.hitl.judging import decide, ledger_with, malformed, refused, taken
from tests.hitl.questions import answer
from tests.hitl.tool_questions import choice, confirmation, elsewhere, executor, form

YES = ToolAnswer(confirmed=True)
ALL = (confirmation(), form(), choice(), elsewhere())
ANSWERS = {
    "c1": ToolAnswer(confirmed=False, note="no"),
    "f1": ToolAnswer(values={"to": "ana"}),
    "q1": ToolAnswer(selections={"where": ("eu",)}),
    "x1": ToolAnswer(result=""),
}


def errors(question: ToolQuestion, given: ToolAnswer) -> tuple[str, ...]:
    return answer_errors((question,), {question.id: given})


def test_an_answer_to_each_tool_is_taken():
    assert answer_errors(ALL, ANSWERS) == ()


@pytest.mark.parametrize("left_out", ANSWERS)
def test_a_tool_that_is_left_out_is_named(left_out: str):
    given = {tool_id: one for tool_id, one in ANSWERS.items() if tool_id != left_out}
    [error] = answer_errors(ALL, given)
    assert left_out in error
    assert "needed" in error


def test_everything_that_is_wrong_is_said_at_once():
    given = {"c1": ToolAnswer(result="x"), "f1": ToolAnswer(values={"to": 5}), "who": YES}
    assert answer_errors(ALL, given) == (
        "drop (c1): result does not answer it",
        "drop (c1): confirmed (true or false) is needed",
        "send (f1): to: expected str, got int",
        "ask_user (q1): selections are needed, by question",
        "shell (x1): result is needed: what the tool gave",
        "who: no tool call of this id is asked about",
    )


@pytest.mark.parametrize("kind", range(4))
@pytest.mark.parametrize("other", range(4))
def test_the_answer_to_another_kind_of_question_is_refused(kind: int, other: int):
    found = errors(ALL[kind], [*ANSWERS.values()][other])
    assert bool(found) == (kind != other)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        (InputField("n", "int"), 2, None),
        (InputField("n", "int"), True, "n: expected int, got bool"),
        (InputField("n", "int"), "2", "n: expected int, got str"),
        (InputField("n", "float"), 2, None),
        (InputField("n"), "", None),
        (InputField("n"), None, "n: is required"),
        (InputField("n", "Optional[Path]"), {"any": 1}, None),
    ],
)
def test_a_forms_values_are_judged_as_those_of_a_steps_form(field: InputField, value: Any, fault: str | None):
    expected = () if fault is None else (f"send (f1): {fault}",)
    assert errors(form("f1", field), ToolAnswer(values={"n": value})) == expected


def test_what_the_model_filled_in_need_not_be_given_again():
    question = form("f1", InputField("to", value="ana"), InputField("copies", "int"))
    assert errors(question, ToolAnswer(values={"copies": 2})) == ()
    assert errors(question, ToolAnswer(values={})) == ("send (f1): copies: is required",)


def test_what_a_person_fills_in_goes_before_what_the_model_did():
    question = form("f1", InputField("to", value="ana"), InputField("copies", "int", value=1))
    assert filled_in(question, ToolAnswer(values={"to": None, "copies": 2})) == {"to": "ana", "copies": 2}


@pytest.mark.parametrize("values", [{}, {"copies": None}])
@pytest.mark.parametrize("field_type", ["int", "typing.Optional[int]"])
def test_a_field_that_may_be_empty_may_be_left_out_or_be_none(field_type: str, values: dict[str, Any]):
    question = form("f1", InputField("to", value="ana"), InputField("copies", field_type, required=False))
    assert errors(question, ToolAnswer(values=values)) == ()
    assert given_to(question, ToolAnswer(values=values)) == {"copies": None}


def test_an_argument_that_keeps_its_default_is_given_nothing():
    question = replace(form("f1", InputField("copies", "int", required=False)), keeps_default=("copies",))
    assert errors(question, ToolAnswer(values={"copies": None})) == ()
    assert given_to(question, ToolAnswer(values={"copies": None})) == {}


def test_none_takes_back_what_the_model_filled_in_where_the_argument_may_be_none():
    question = form("f1", InputField("to", value="ana"), InputField("copies", "int", value=3, required=False))
    assert given_to(question, ToolAnswer(values={"to": None, "copies": None})) == {"copies": None}


def test_a_field_that_may_be_empty_is_judged_where_it_is_not():
    question = form("f1", InputField("copies", "int", required=False))
    assert errors(question, ToolAnswer(values={"copies": "two"})) == ("send (f1): copies: expected int, got str",)


def test_no_field_could_be_left_empty_by_the_first_rules():
    question = form("f1", InputField("copies", "int", required=False))
    given = {"f1": ToolAnswer(values={})}
    assert [error for _, error in answer_faults((question,), given, Rules.FIRST)] == ["send (f1): copies: is required"]


def test_only_the_fields_that_are_needed_are_asked_for():
    question = form("f1", InputField("to"), InputField("copies", "int", required=False))
    assert answer_errors((question,), {}) == ("send (f1): values are needed for to",)


def test_the_executor_is_given_none_and_no_default():
    fields = InputField("to"), InputField("copies", "int", required=False), InputField("urgent", "bool", required=False)
    question = replace(form("f1", *fields), keeps_default=("urgent",))
    given = answers_of(executor(question), answer(Action.ANSWER, answers={"f1": ToolAnswer(values={"to": "ana"})}))
    assert given == {"f1": ToolAnswer(values={"to": "ana", "copies": None})}


def test_a_field_that_the_form_has_not_is_refused():
    [error] = errors(form(), ToolAnswer(values={"to": "ana", "bcc": "ben"}))
    assert error == "send (f1): bcc: is not a field of this form"


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        (("eu",), None),
        ((), "'where' needs a selection"),
        (("eu", "us"), "'where' takes one selection, not 2"),
        (("mars",), "'where': 'mars' is not one of 'eu', 'us'"),
    ],
)
def test_a_selection_is_among_the_options(chosen: tuple[str, ...], fault: str | None):
    expected = () if fault is None else (f"ask_user (q1): {fault}",)
    assert errors(choice(), ToolAnswer(selections={"where": chosen})) == expected


def test_several_may_be_chosen_where_several_are_asked_for():
    assert errors(choice(multi_select=True), ToolAnswer(selections={"where": ("eu", "us")})) == ()


def test_a_question_that_was_not_asked_is_refused():
    [error] = errors(choice(), ToolAnswer(selections={"where": ("eu",), "when": ("now",)}))
    assert error == "ask_user (q1): 'when' is not a question of this call"


def test_a_note_is_only_for_a_rejection():
    assert errors(confirmation(), ToolAnswer(confirmed=True, note="why")) == (
        "drop (c1): note: only taken with a rejection",
    )


def test_a_part_of_the_answers_is_refused_and_decides_nothing():
    ledger = ledger_with(executor(*ALL))
    refusal = refused(ledger, answer(Action.ANSWER, answers={"c1": YES}))
    assert (refusal.code, len(refusal.errors or ())) == (RefusalCode.INVALID_INPUT, 3)
    assert [*ledger.opened()]


def test_no_answers_at_all_are_refused():
    assert refused(ledger_with(executor()), answer(Action.ANSWER)).code is RefusalCode.INVALID_INPUT


@pytest.mark.parametrize("action", [Action.CONFIRM, Action.REJECT])
def test_a_plain_yes_or_no_answers_confirmations_only(action: Action):
    decide(ledger_with(executor(confirmation("a"), confirmation("b"))), answer(action))
    refusal = refused(ledger_with(executor(confirmation("a"), form())), answer(action))
    assert (refusal.code, refusal.allowed) == (RefusalCode.ACTION_NOT_ALLOWED, ("answer",))


def test_answers_beside_a_plain_yes_are_refused():
    refusal = refused(ledger_with(executor()), answer(Action.CONFIRM, answers={"c1": YES}))
    assert refusal.errors == ("answers: only taken by answer",)


def test_what_is_allowed_is_said_for_each_pause():
    assert allowed_actions(executor()) == (Action.ANSWER, Action.CONFIRM, Action.REJECT)
    assert allowed_actions(executor(form())) == (Action.ANSWER,)


def test_answers_come_as_json():
    data = {"c1": {"confirmed": False, "note": "no"}, "q1": {"selections": {"where": ["eu"]}}}
    decision = taken({"requirement_id": "q1", "action": "answer", "answers": data})
    assert decision.answers == {"c1": ANSWERS["c1"], "q1": ANSWERS["q1"]}


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"c1": {"confirm": True}}, "An answer to a tool has no field 'confirm'"),
        ({"c1": {"confirmed": "yes"}}, "expected bool, got str"),
        ({"x1": {"result": 5}}, "expected str, got int"),
        ({"q1": {"selections": {"where": "eu"}}}, "expected a list, got str"),
        ({"c1": True}, "ToolAnswer is an object, not bool"),
        ([], "expected an object, got list"),
    ],
)
def test_what_is_no_answer_is_malformed(answers: Any, named: str):
    refusal = malformed({"requirement_id": "q1", "action": "answer", "answers": answers})
    assert named in refusal.message


def test_the_same_answers_are_one_answer():
    ledger = Ledger()
    ledger.open(executor())
    first = decide(ledger, answer(Action.ANSWER, answers={"c1": YES}, decision_id="k"))
    assert decide(ledger, answer(Action.ANSWER, answers={"c1": YES}, decision_id="k")) == first
    other = answer(Action.ANSWER, answers={"c1": ToolAnswer(confirmed=False)}, decision_id="k")
    assert refused(ledger, other).code is RefusalCode.KEY_REUSED

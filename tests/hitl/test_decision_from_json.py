"""What a client may send as a decision, and that nothing which it sends can do more than be refused.

agno takes the whole requirement back from the client, so a client can move its own deadline or turn its gate off. Here
a field that is no part of an answer is refused aloud. And a decision is read in the workflow itself, where an exception
does not fail the request: it fails the workflow's task, which retries it for ever.
"""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agno_temporal.hitl import Action, Actor, Decision, RefusalCode, decision_from_json
from agno_temporal.plan.data import from_json, to_json
from tests.hitl.judging import CONFIRM, malformed, taken

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner))
FIELDS = {
    "requirement_id": st.text(),
    "action": st.sampled_from([action.value for action in Action]),
    "feedback": st.none() | st.text(),
    "values": st.none() | st.dictionaries(st.text(), ANYTHING, max_size=3),
    "edited_output": ANYTHING,
    "decided_by": st.none() | st.text(),
    "decision_id": st.none() | st.text(),
}
ALMOST = st.fixed_dictionaries({}, optional={name: value | ANYTHING for name, value in FIELDS.items()})
NEEDED = {name: FIELDS[name] for name in ("requirement_id", "action")}
WELL_FORMED = st.fixed_dictionaries(NEEDED, optional={name: FIELDS[name] for name in FIELDS if name not in NEEDED})


@settings(deadline=None)
@given(ANYTHING | ALMOST)
@example({1: "a key that is no text"})
@example({"requirement_id": "q1", "action": {}})
def test_whatever_is_sent_is_a_decision_or_a_refusal_that_says_why(data: Any):
    result = decision_from_json(data)
    assert isinstance(result, Decision) or (result.code is RefusalCode.MALFORMED and result.message.endswith("."))


@settings(deadline=None)
@given(WELL_FORMED)
def test_a_decision_says_what_was_sent_and_nothing_else(data: dict[str, Any]):
    decision = decision_from_json(data)
    if isinstance(decision, Decision):
        sent = {name: value for name, value in data.items() if value is not None}
        assert json.dumps(to_json(decision), sort_keys=True) == json.dumps(sent, sort_keys=True)


def test_the_shortest_decision_names_a_requirement_and_an_action():
    assert decision_from_json(CONFIRM) == Decision("q1", Action.CONFIRM)


@pytest.mark.parametrize("missing", ["requirement_id", "action"])
def test_a_decision_that_lacks_either_is_refused_and_told_which(missing: str):
    data = {name: value for name, value in CONFIRM.items() if name != missing}
    assert malformed(data).message == f"This is not a decision: Decision lacks '{missing}'."


@pytest.mark.parametrize("rule", ["deadline", "timeout_at", "on_timeout", "on_reject", "max_retries", "schema", "at"])
def test_a_rule_or_a_time_in_a_decision_is_refused_by_name(rule: str):
    message = malformed({**CONFIRM, rule: None}).message
    assert message.startswith(f"A decision has no field '{rule}'; it has action, answers, decided_by, ")


def test_all_unknown_fields_are_named_at_once():
    assert "no field 'deadline', 'policy';" in malformed({**CONFIRM, "policy": 1, "deadline": 2}).message


@pytest.mark.parametrize("data", [None, True, 1, "confirm", ["confirm"]])
def test_what_is_no_object_is_refused_by_its_type(data: object):
    assert malformed(data).message == f"A decision is an object, not {type(data).__name__}."


@pytest.mark.parametrize("wrong", [{"requirement_id": 1}, {"action": None}, {"values": ["eu"]}, {"decision_id": 7}])
def test_a_field_of_the_wrong_type_is_named(wrong: dict[str, object]):
    assert f"Decision.{next(iter(wrong))}: " in malformed(CONFIRM | wrong).message


def test_a_decision_survives_the_way_through_a_history():
    decision = Decision("q1", Action.EDIT, "better", {"a": [1, None]}, {"live": True}, "ana@example.org", "k1")
    assert from_json(Decision, json.loads(json.dumps(to_json(decision)))) == decision


@pytest.mark.parametrize("actor", [*(actor.value for actor in Actor), "system:anything", "system:"])
def test_nobody_can_sign_as_the_system(actor: str):
    message = malformed({**CONFIRM, "decided_by": actor}).message
    assert message == "decided_by must not begin with 'system:': name who decided."


@pytest.mark.parametrize("name", ["system", "systems@example.org", "ana (system:timer)", ""])
def test_a_name_that_does_not_begin_so_is_a_persons(name: str):
    assert taken({**CONFIRM, "decided_by": name}).decided_by == name


def test_an_unknown_action_is_answered_with_those_that_there_are():
    message = malformed({**CONFIRM, "action": "confrim"}).message
    assert all(action in message for action in ("confrim", "confirm", "reject", "input", "edit"))


def test_a_field_of_the_wrong_type_is_told_the_right_one():
    assert "expected an object, got list" in malformed({**CONFIRM, "values": ["eu"]}).message
    assert "expected str, got int" in malformed({**CONFIRM, "feedback": 1}).message

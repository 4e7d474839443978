"""The JSON Schema of an answer accepts exactly what the run takes, for every kind of question and every action."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from agno_temporal.hitl import Action, Kind, Requirement, Resolution, allowed_actions, decision_from_json
from agno_temporal.hitl.decision import MAX_DECISION_BYTES, MAX_DEPTH
from agno_temporal.plan import InputField
from agno_temporal.plan.data import to_json
from agno_temporal.views.answer_schemas import answer_schemas
from tests.api.drawn_requirements import BODY_OF, bodies, requirements
from tests.hitl.judging import ledger_with
from tests.hitl.questions import ANA, OPENED, question


def is_taken(requirement: Requirement, action: Action, body: Any) -> bool:
    """Whether a body comes through the API, and through the run."""
    try:
        decision = BODY_OF[action].model_validate(body).decision(requirement.id, ANA, "k")
    except ValidationError:
        return False
    if decision_from_json(to_json(decision)) != decision:
        return False
    return isinstance(ledger_with(requirement).judge(decision, OPENED), Resolution)


def is_valid(requirement: Requirement, action: Action, body: Any) -> bool:
    return Draft202012Validator(answer_schemas(requirement)[action.value]).is_valid(body)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_the_schema_accepts_what_the_run_takes_and_nothing_else(data: st.DataObject) -> None:
    requirement = data.draw(requirements())
    action = data.draw(st.sampled_from(allowed_actions(requirement)))
    body = data.draw(bodies(requirement, action))
    taken = is_taken(requirement, action, body)
    event(f"{requirement.kind.value}: {action.value} {'taken' if taken else 'refused'}")
    assert is_valid(requirement, action, body) == taken


@settings(deadline=None, max_examples=40)
@given(requirements())
def test_each_action_that_is_allowed_has_a_schema_that_is_one(requirement: Requirement) -> None:
    schemas = answer_schemas(requirement)
    assert [*schemas] == [action.value for action in allowed_actions(requirement)]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def asks(field: InputField) -> Requirement:
    return question(Kind.USER_INPUT, schema=(field,))


NOT_SAID = {
    "a whole number with a fraction": (InputField("n", "int"), 2.0),
    "an allowed object in another order": (
        InputField("n", "dict", allowed_values=({"a": 1, "b": 2},)),
        {"b": 2, "a": 1},
    ),
    "more than a decision may be": (InputField("n"), "x" * MAX_DECISION_BYTES),
    "deeper than a decision may be": (InputField("n", "dict"), {}),
}


@pytest.mark.parametrize(("field", "value"), NOT_SAID.values(), ids=NOT_SAID)
def test_what_no_schema_says_is_for_the_run_to_refuse(field: InputField, value: Any) -> None:
    if value == {}:
        for _ in range(MAX_DEPTH):
            value = {"in": value}
    body = {"values": {"n": value}}
    assert is_valid(asks(field), Action.INPUT, body)
    assert not is_taken(asks(field), Action.INPUT, body)


def test_a_flag_for_a_number_deep_inside_is_taken_though_the_schema_refuses_it() -> None:
    field = InputField("n", "list", allowed_values=([1],))
    assert is_taken(asks(field), Action.INPUT, {"values": {"n": [True]}})
    assert not is_valid(asks(field), Action.INPUT, {"values": {"n": [True]}})


def test_the_schema_of_a_form_shows_its_fields_as_a_client_needs_them() -> None:
    region = InputField("region", description="Where to", value="eu", allowed_values=("eu", "us"))
    copies = InputField("copies", "int", required=False)
    schema = answer_schemas(question(Kind.CONFIRMATION, schema=(region, copies)))["confirm"]

    assert schema["required"] == ["values"]
    assert schema["properties"]["values"] == {
        "type": "object",
        "properties": {
            "region": {
                "description": "Where to",
                "default": "eu",
                "type": "string",
                "enum": ["eu", "us"],
                "minLength": 1,
            },
            "copies": {"type": ["integer", "null"]},
        },
        "required": ["region"],
        "additionalProperties": False,
    }

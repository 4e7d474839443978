"""Refused: user-input forms that nobody, or no timer, could fill in."""

import math

import pytest
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.types import UserInputField

from agno_temporal.agno_bridge.compile import PlanError, compile_workflow


def deploy(step_input):
    return "live"


def refusal(step) -> str:
    with pytest.raises(PlanError) as refused:
        compile_workflow(Workflow(name="release", steps=[step]))
    return str(refused.value)


def step_refusal(**settings) -> str:
    return refusal(Step(name="deploy", executor=deploy, human_review=HumanReview(**settings)))


def form_refusal(*fields, **settings) -> str:
    return step_refusal(requires_user_input=True, user_input_schema=list(fields), **settings)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("x", 'user_input_schema[0]="x" is neither a dict nor a UserInputField.'),
        ({"field_type": "int"}, "user_input_schema[0]: name=None is not a name."),
        (
            {"name": "n", "type": "int"},
            'user_input_schema field "n": has no key "type"; the keys are name, field_type,',
        ),
        ({"name": "n", "field_type": int}, 'field_type=int is not the name of a type, such as "str".'),
        (UserInputField(name="n", field_type=""), 'field_type="" is not the name of a type'),
        ({"name": "n", "required": "no"}, 'required="no" is neither True nor False.'),
        ({"name": "n", "field_type": "int", "value": True}, "the default value: expected int, got bool."),
        ({"name": "n", "value": "c", "allowed_values": ["a", "b"]}, "the default value: 'c' is not one of 'a', 'b'."),
        ({"name": "n", "field_type": "int", "allowed_values": [1, "2"]}, 'the allowed value "2" is not of type int.'),
        ({"name": "n", "allowed_values": "ab"}, 'allowed_values="ab" is not a list.'),
        ({"name": "n", "field_type": "list", "value": [{1}]}, "[{1}] is not a JSON value."),
        ({"name": "n", "field_type": "float", "value": math.nan}, "nan is not a JSON value."),
    ],
)
def test_a_form_field_that_could_not_be_answered_is_refused(field, message):
    assert message in form_refusal(field)


def test_two_fields_of_one_name_are_refused():
    assert 'user_input_schema has more than one field "n".' in form_refusal({"name": "n"}, {"name": "n"})


def test_a_form_that_is_no_list_is_refused():
    assert "is not a list of fields" in step_refusal(requires_user_input=True, user_input_schema={"name": "n"})


def test_a_timer_that_approves_needs_defaults():
    fields = [{"name": "mode"}, {"name": "size", "field_type": "int", "value": 8}, {"name": "note", "required": False}]
    assert form_refusal(*fields, timeout=60, on_timeout="approve") == (
        """workflow 'release' step '0' ("deploy"): on_timeout="approve" needs a default value for every required """
        """field; "mode" has none. Give it a value, or use another on_timeout."""
    )


def test_a_timer_that_approves_needs_a_form():
    refused = step_refusal(requires_user_input=True, timeout=60, on_timeout="approve")
    assert "has nothing to fill in for the user, since there is no user_input_schema" in refused

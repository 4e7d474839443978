"""What may be filled into a form, and that everything wrong is said at once.

agno stores a value and judges it afterwards, so that a refused value can still be used (D12); it judges neither lists
nor dicts, and takes fields that the form does not have. Where agno does judge it is the oracle here.
"""

from typing import Any

import pytest
from agno.workflow.types import StepRequirement, UserInputField
from hypothesis import given
from hypothesis import strategies as st

from agno_temporal.hitl import FieldError, complete_input, input_errors
from agno_temporal.hitl.user_input import FIELD_TYPES
from agno_temporal.plan import InputField
from tests.hitl.questions import REGION, REPLICAS

OF_TYPE = {"str": "a", "int": 1, "float": 1.5, "bool": True, "list": ["a"], "dict": {"a": 1}}
TAKES = {kind: {kind} for kind in FIELD_TYPES} | {"float": {"float", "int"}}

SCALARS = st.one_of(st.booleans(), st.integers(0, 2), st.sampled_from([0.5, 1.0]), st.sampled_from(["", "eu", "us"]))
NAMES = st.sampled_from(["first_field", "second_field", "third_field"])


def fields_of(kind: str) -> st.SearchStrategy[InputField]:
    allowed = st.lists(SCALARS.filter(lambda one: type(one).__name__ == kind)).map(tuple)
    return st.builds(InputField, NAMES, st.just(kind), required=st.booleans(), allowed_values=st.none() | allowed)


FIELDS = st.sampled_from(["str", "int", "float", "bool"]).flatmap(fields_of)
FORMS = st.lists(FIELDS, min_size=1, max_size=3, unique_by=lambda field: field.name)


def errors(field: InputField, value: object) -> list[str]:
    return [str(error) for error in input_errors([field], {field.name: value})]


@pytest.mark.parametrize("value", OF_TYPE)
@pytest.mark.parametrize("field_type", FIELD_TYPES)
def test_a_field_takes_its_own_type_only_but_an_int_is_a_float_and_a_bool_no_number(field_type: str, value: str):
    expected = [] if value in TAKES[field_type] else [f"size: expected {field_type}, got {value}"]
    assert errors(InputField("size", field_type), OF_TYPE[value]) == expected


@given(form=FORMS, data=st.data())
def test_agno_refuses_the_same_fields(form: list[InputField], data: st.DataObject):
    values = data.draw(st.fixed_dictionaries({}, optional={field.name: st.none() | SCALARS for field in form}))
    assert {error.name for error in input_errors(form, values)} == refused_by_agno(form, values)


def refused_by_agno(form: list[InputField], values: dict[str, Any]) -> set[str]:
    fields = [
        UserInputField(one.name, one.field_type, required=one.required, allowed_values=list(one.allowed_values or ()))
        for one in form
    ]
    try:
        StepRequirement("deploy", requires_user_input=True, user_input_schema=fields).set_user_input(**values)
    except ValueError as error:
        return {field.name for field in form if f"'{field.name}'" in str(error)}
    return set()


def test_everything_wrong_is_said_at_once_in_the_order_of_the_form_and_unknown_fields_last():
    assert input_errors((REGION, REPLICAS), {"colour": "red", "replicas": "three", "region": "mars"}) == (
        FieldError("region", "'mars' is not one of 'eu', 'us'"),
        FieldError("replicas", "expected int, got str"),
        FieldError("colour", "is not a field of this form"),
    )


@pytest.mark.parametrize("missing", [None, ""])
def test_a_required_field_needs_more_than_nothing_and_the_empty_string(missing: object):
    assert errors(InputField("reason"), missing) == ["reason: is required"]


@pytest.mark.parametrize("empty", [None, ""])
def test_an_optional_field_may_be_empty(empty: object):
    assert errors(InputField("note", required=False), empty) == []


def test_the_empty_string_is_no_number_even_where_none_is_required():
    assert errors(InputField("size", "int", required=False), "") == ["size: expected int, got str"]


@pytest.mark.parametrize(("field_type", "falsy"), [("int", 0), ("bool", False), ("list", []), ("dict", {})])
def test_a_falsy_value_is_an_answer(field_type: str, falsy: object):
    assert errors(InputField("size", field_type), falsy) == []


def test_the_default_of_a_field_does_not_count_as_answered():
    form = [InputField("region", value="eu")]
    assert errors(form[0], None) == ["region: is required"]
    assert [str(error) for error in input_errors(form, {})] == ["region: is required"]


def test_true_is_not_the_allowed_value_one():
    assert errors(InputField("level", "int", allowed_values=(1,)), True) == ["level: expected int, got bool"]
    assert errors(InputField("flag", "bool", allowed_values=(1,)), True) == ["flag: True is not one of 1"]


def test_an_empty_form_takes_any_values_but_at_least_one():
    assert input_errors((), {"anything": [1, {"at": "all"}]}) == ()
    assert [str(error) for error in input_errors((), {})] == ["values: at least one value is needed"]


def test_a_form_is_complete_with_its_defaults_where_they_suffice():
    optional = InputField("note", required=False)
    assert complete_input((InputField("region", value="eu"), optional)) == {"region": "eu"}
    assert complete_input((InputField("replicas", "int", value=0), InputField("force", "bool", value=False))) == {
        "replicas": 0,
        "force": False,
    }
    assert complete_input((REGION, optional)) is None
    assert complete_input((InputField("replicas", "int", value="three"),)) is None
    assert complete_input(()) is None


def test_no_allowed_values_are_no_restriction_as_in_agno():
    form = [InputField("region", allowed_values=())]
    assert refused_by_agno(form, {"region": "eu"}) == set()
    assert input_errors(form, {"region": "eu"}) == ()


def test_a_type_that_agno_does_not_know_takes_any_value_that_is_allowed():
    for value in ("2026-10-01", 3, ["a"]):
        assert refused_by_agno([InputField("day", "date")], {"day": value}) == set()
        assert errors(InputField("day", "date"), value) == []
    assert errors(InputField("day", "date", allowed_values=("1st", "2nd")), "3rd") == [
        "day: '3rd' is not one of '1st', '2nd'"
    ]
    assert errors(InputField("day", "date"), None) == ["day: is required"]


def test_a_value_that_is_not_allowed_is_shown_shortened():
    (error,) = errors(REGION, "x" * 10_000)
    assert error.endswith("xxx' is not one of 'eu', 'us'")
    assert len(error) < 100

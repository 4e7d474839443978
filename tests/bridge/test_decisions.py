"""What a client's answer on agno's object means; nothing else on it is believed."""

import re
from datetime import date

import pytest
from agno.workflow.types import StepRequirement, UserInputField

from agno_temporal.agno_bridge.decisions import decision_of
from agno_temporal.hitl import Action, Decision


def confirmation(**fields) -> StepRequirement:
    return StepRequirement("req-1", "ship", requires_confirmation=True, **fields)


def form(*fields: UserInputField, **others) -> StepRequirement:
    return StepRequirement("req-1", "ship", requires_user_input=True, user_input_schema=list(fields) or None, **others)


def review() -> StepRequirement:
    return StepRequirement(
        "req-1", "ship", requires_confirmation=True, requires_output_review=True, is_post_execution=True
    )


def mode() -> UserInputField:
    return UserInputField("mode", "str")


def note() -> UserInputField:
    return UserInputField("note", "str", required=False)


@pytest.mark.parametrize(
    "untouched", [confirmation(), form(mode()), form(), review(), confirmation(requires_user_input=True)]
)
def test_nothing_decided(untouched):
    assert decision_of(untouched) is None


@pytest.mark.parametrize("asks", [confirmation, review])
def test_confirmed(asks):
    requirement = asks()
    requirement.confirm()
    assert decision_of(requirement) == Decision("req-1", Action.CONFIRM)


@pytest.mark.parametrize("asks", [confirmation, review, form])
def test_rejected_with_the_reason(asks):
    requirement = asks()
    requirement.reject("not on a Friday")
    assert decision_of(requirement) == Decision("req-1", Action.REJECT, feedback="not on a Friday")


def test_a_confirmation_with_a_form_is_rejected_without_filling_it_in():
    requirement = form(mode(), requires_confirmation=True)
    requirement.reject()
    assert decision_of(requirement) == Decision("req-1", Action.REJECT)


def test_edited():
    requirement = review()
    requirement.edit({"due": date(2024, 5, 1)})
    assert decision_of(requirement) == Decision(
        "req-1", Action.EDIT, edited_output={"due": {"$type": "date", "value": "2024-05-01"}}
    )


def test_an_edit_where_none_is_taken_is_passed_on_to_be_refused():
    requirement = confirmation()
    requirement.edit("new")
    assert decision_of(requirement).action is Action.EDIT


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        (confirmation(confirmed="false"), "'ship': confirmed='false' is neither true nor false"),
        (confirmation(confirmed=1), "'ship': confirmed=1 is neither true nor false"),
        (form(mode(), confirmed={}), "'ship': confirmed={} is neither true nor false"),
        (StepRequirement("req-1", "way", requires_route_selection=True, selected_choices="a"), "is no list of names"),
        (StepRequirement("req-1", "way", requires_route_selection=True, selected_choices=5), "is no list of names"),
        (StepRequirement("req-1", "way", requires_route_selection=True, selected_choices=[5]), "is no list of names"),
        (StepRequirement("req-1", "ask", requires_executor_input=True, executor_requirements=5), "=5 is no list"),
        (StepRequirement(["req-1"], "ship", requires_confirmation=True, confirmed=True), "it is the text"),
    ],
)
def test_an_answer_of_another_type_is_none(requirement, says):
    """agno's objects are made of JSON as it comes."""
    with pytest.raises(ValueError, match=re.escape(says)):
        decision_of(requirement)


def test_a_rejection_after_an_edit_is_a_rejection():
    requirement = review()
    requirement.edit("new")
    requirement.reject()
    assert decision_of(requirement) == Decision("req-1", Action.REJECT)


def test_filled_in():
    requirement = form(mode(), note())
    requirement.set_user_input(mode="fast")
    assert decision_of(requirement) == Decision("req-1", Action.INPUT, values={"mode": "fast"})


def test_filled_in_field_by_field():
    requirement = form(mode(), note())
    requirement.user_input_schema[0].value = "fast"
    assert decision_of(requirement) == Decision("req-1", Action.INPUT, values={"mode": "fast"})


def test_filled_in_and_confirmed():
    requirement = form(mode(), requires_confirmation=True)
    requirement.set_user_input(mode="fast")
    requirement.confirm()
    assert decision_of(requirement) == Decision("req-1", Action.CONFIRM, values={"mode": "fast"})


def test_a_form_without_required_fields_is_confirmed_as_it_is():
    requirement = form(note(), requires_confirmation=True)
    requirement.confirm()
    assert decision_of(requirement) == Decision("req-1", Action.CONFIRM, values={})


def partly(requirement: StepRequirement, confirm: bool, **values) -> StepRequirement:
    if values:
        requirement.set_user_input(validate=False, **values)
    if confirm:
        requirement.confirm()
    return requirement


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        (partly(form(mode(), requires_confirmation=True), False, mode="x"), "was filled in, but not confirmed"),
        (partly(form(mode(), requires_confirmation=True), True), "still needs mode"),
        (partly(form(mode(), note()), False, note="x"), "still needs mode"),
        (partly(form(), True), "still needs at least one value"),
    ],
)
def test_a_half_given_answer_is_an_error_that_names_the_step(requirement, says):
    with pytest.raises(ValueError, match=f"Step 'ship' {says}"):
        decision_of(requirement)


def test_rules_that_a_client_changed_are_not_read():
    requirement = confirmation()
    requirement.on_reject, requirement.timeout_at, requirement.max_retries = "skip", None, 99
    requirement.confirm()
    assert decision_of(requirement) == Decision("req-1", Action.CONFIRM)

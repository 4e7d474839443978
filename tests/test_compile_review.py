"""A Step's `HumanReview` in the plan, field by field."""

import pytest
from agno.workflow import HumanReview, OnError, OnReject, OnTimeout, Step, Workflow
from agno.workflow.types import UserInputField

from agno_temporal.agno_bridge.compile import compile_workflow
from agno_temporal.plan import Call, InputField, Review


def deploy(step_input):
    return "live"


def review(**settings) -> Review:
    step = Step(name="deploy", executor=deploy, human_review=HumanReview(**settings))
    return compile_workflow(Workflow(name="release", steps=[step])).plan.steps[0].review


def schema(*fields) -> tuple[InputField, ...] | None:
    return review(requires_user_input=True, user_input_schema=list(fields)).user_input_schema


def test_a_step_without_a_review_has_agnos_defaults():
    assert review() == Review()


def test_a_confirmation_with_everything_set():
    assert review(
        requires_confirmation=True,
        confirmation_message="Go?",
        on_reject=OnReject.cancel,
        on_error=OnError.fail,
        max_retries=2,
        timeout=90,
        on_timeout=OnTimeout.approve,
    ) == Review(
        requires_confirmation=True,
        confirmation_message="Go?",
        on_reject="cancel",
        on_error="fail",
        max_retries=2,
        timeout=90.0,
        on_timeout="approve",
    )


@pytest.mark.parametrize("word", ["approve", "reject", "skip", "cancel"])
def test_every_documented_on_timeout_is_taken_as_a_string(word):
    assert review(requires_confirmation=True, timeout=1, on_timeout=word).on_timeout == word


@pytest.mark.parametrize("word", ["skip", "cancel", "retry"])
def test_every_on_reject_is_taken_as_a_string_and_as_an_enum(word):
    assert review(requires_confirmation=True, on_reject=word) == review(
        requires_confirmation=True, on_reject=OnReject(word)
    )


@pytest.mark.parametrize("word", ["else", "else_branch", OnReject.else_branch])
def test_else_on_a_step_is_skip_as_in_agno(word):
    assert review(requires_confirmation=True, on_reject=word).on_reject == "skip"


def test_no_retry_limit_is_kept():
    limits = [review(requires_output_review=True, on_reject="retry", max_retries=limit) for limit in (None, 0)]
    assert [found.max_retries for found in limits] == [None, 0]


def test_a_policy_for_a_deadline_may_wait_for_a_deadline():
    assert review(requires_confirmation=True, on_timeout="skip").timeout is None


async def asked(output):
    return True


@pytest.mark.parametrize(
    ("value", "call"),
    [
        pytest.param(True, Call.ALWAYS, id="true"),
        pytest.param(False, Call.NONE, id="false"),
        pytest.param(lambda output: True, Call.FUNCTION, id="function"),
        pytest.param(asked, Call.FUNCTION, id="coroutine-function"),
    ],
)
def test_output_review(value, call):
    assert review(requires_output_review=value).output_review is call


def test_a_form_may_be_of_dicts_and_of_agnos_objects():
    as_dict = {"name": "mode", "description": "How", "allowed_values": ["fast", "slow"], "required": False}
    as_object = UserInputField(
        name="mode", field_type="str", description="How", allowed_values=["fast", "slow"], required=False
    )
    expected = (InputField("mode", "str", "How", required=False, allowed_values=("fast", "slow")),)
    assert schema(as_dict) == schema(as_object) == expected


def test_a_default_is_kept_for_dicts_too_where_agno_drops_it():
    assert schema({"name": "size", "field_type": "int", "value": 8})[0].value == 8


@pytest.mark.parametrize(
    ("field_type", "value"),
    [("str", "x"), ("int", 1), ("float", 1), ("float", 0.5), ("bool", False), ("list", [1]), ("dict", {"a": [None]})],
)
def test_a_default_of_each_type(field_type, value):
    assert schema({"name": "x", "field_type": field_type, "value": value})[0].value == value


def test_a_default_is_the_plans_own():
    default = ["eu"]
    [field] = schema({"name": "regions", "field_type": "list", "value": default})
    default.append("us")
    assert field.value == ["eu"]


@pytest.mark.parametrize("nothing", [None, []])
def test_input_without_a_form_takes_any_values(nothing):
    assert review(requires_user_input=True, user_input_schema=nothing).user_input_schema is None


def test_no_allowed_values_is_no_restriction_as_in_agno():
    assert schema({"name": "x", "allowed_values": []})[0].allowed_values is None


def test_a_timer_may_approve_a_form_whose_required_fields_have_defaults():
    fields = [{"name": "mode", "value": "fast"}, {"name": "note", "required": False}]
    found = review(requires_user_input=True, user_input_schema=fields, timeout=60, on_timeout="approve")
    assert found.on_timeout == "approve"


def test_a_nested_workflow_can_be_confirmed_and_reviewed():
    inner = Workflow(name="inner", steps=[deploy])
    gate = HumanReview(requires_confirmation=True, requires_user_input=True, requires_output_review=True)
    step = Step(name="inner", workflow=inner, human_review=gate)
    found = compile_workflow(Workflow(name="release", steps=[step])).plan.steps[0].review
    assert (found.requires_confirmation, found.requires_user_input, found.output_review) == (True, True, Call.ALWAYS)

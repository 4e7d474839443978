"""A requirement's rules come from the recorded plan alone: no client can move what stands in one.

agno hands the whole requirement to the client and believes what comes back (D26).
"""

import dataclasses

import pytest

from agno_temporal.hitl import Kind, Policy
from agno_temporal.plan import InputField, Review
from tests.hitl.questions import REGION, question


def test_a_policy_is_what_the_review_of_the_step_says():
    review = Review(on_reject="retry", on_timeout="approve", max_retries=7, timeout=90.0)
    assert Policy.of(review) == Policy(on_reject="retry", on_timeout="approve", max_retries=7, timeout=90.0)


def test_every_rule_of_a_policy_stands_in_a_review_under_the_same_name():
    review = {field.name for field in dataclasses.fields(Review)}
    assert {field.name for field in dataclasses.fields(Policy)} <= review


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("schema", [(), (REGION,)])
def test_a_form_is_its_schema_and_be_it_an_empty_one(schema: tuple[InputField, ...], kind: Kind):
    assert question(kind, schema=schema).form == schema


@pytest.mark.parametrize(
    ("kind", "form"), [(Kind.CONFIRMATION, None), (Kind.OUTPUT_REVIEW, None), (Kind.USER_INPUT, ())]
)
def test_without_a_schema_only_user_input_has_a_form_and_that_takes_any_values(kind: Kind, form: object):
    assert question(kind, schema=None).form == form


@pytest.mark.parametrize("rule", ["deadline", "policy", "schema", "retry_count", "timer_rejections"])
def test_no_rule_of_an_open_question_can_be_changed(rule: str):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(question(), rule, None)

"""The codec of everything that stands in a history: what one version writes, another must read, years later.

A gate that was opened ninety days ago is read by a version that did not write it. So what holds its default is not
written, what is unknown is not read, and whatever was written comes back as it was. The price is that a default, once
it was left out of a history, can never change: tests/contract/test_names.py pins them.
"""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agno_temporal.contract.outputs import Leaf, Made
from agno_temporal.hitl import Action, Decision, Policy, Resolution
from agno_temporal.plan import ExecutorKind, LoopNode, Plan, Review, StepNode, StepsNode
from agno_temporal.plan.data import from_json, to_json
from tests.plan.wire import WIRE_CLASSES, instances

BIG = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
STEP = {"kind": "step", "path": "0", "name": "deploy", "step_id": "s", "executor": "function"}
PLAN = Plan("release", "release", (StepNode("0", "deploy", "s", ExecutorKind.FUNCTION),))
PLAN_JSON = {"workflow_id": "release", "workflow_name": "release", "steps": [STEP]}


@BIG
@pytest.mark.parametrize("cls", WIRE_CLASSES, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_everything_that_is_written_is_read_back_as_it_was(cls: type[Any], data: st.DataObject):
    written = data.draw(instances(cls))
    assert from_json(cls, json.loads(json.dumps(to_json(written)))) == written


def test_a_field_that_holds_its_default_is_left_out():
    assert to_json(PLAN) == PLAN_JSON


def test_a_field_that_differs_from_its_default_is_written_and_be_it_falsy():
    assert to_json(Review(max_retries=0)) == {"max_retries": 0}
    assert to_json(Review(max_retries=None)) == {"max_retries": None}


def test_a_field_without_a_default_is_written_even_if_it_is_none():
    assert to_json(Made(step_name=None, content=None)) == {"kind": "made", "step_name": None, "content": None}


def test_an_unknown_field_is_ignored_at_every_depth():
    assert from_json(Plan, {**PLAN_JSON, "of": "tomorrow", "steps": [{**STEP, "colour": "red"}]}) == PLAN


def test_a_missing_field_takes_its_default():
    assert from_json(Policy, {}) == Policy()


def test_an_int_is_a_float():
    assert from_json(Resolution, {"decision": {"requirement_id": "q", "action": "confirm"}, "at": 7}) == Resolution(
        Decision("q", Action.CONFIRM), at=7.0
    )


def test_a_value_typed_json_keeps_whatever_looks_like_one_of_ours():
    looks_like_a_node = {"kind": "step", "more": [None, {"kind": "nobody knows"}]}
    leaf = Leaf("0#1", "abc", body=looks_like_a_node)
    assert from_json(Leaf, to_json(leaf)) == leaf


def test_a_member_of_a_union_says_what_it_is():
    loop = LoopNode("0", "again", "l", (StepsNode("0/loop/0", None, "s", ()),))
    written = to_json(Plan("w", None, (loop,)))
    assert [written["steps"][0]["kind"], written["steps"][0]["steps"][0]["kind"]] == ["loop", "steps"]

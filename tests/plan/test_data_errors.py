"""What is no data of ours is a `DataError` that says where, and never anything else.

Plans, decisions and results are read inside the workflow's task. The code there expects this one exception; any other
escapes it, fails the task, and the task is retried for ever.
"""

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agno_temporal.contract.tasks import Evaluated, StateChange
from agno_temporal.hitl import Resolution
from agno_temporal.plan import InputField, Plan, Review
from agno_temporal.plan.data import DataError, from_json, to_json
from tests.plan.wire import JSON, WIRE_CLASSES, instances

STEP = {"kind": "step", "path": "0", "name": "deploy", "step_id": "s", "executor": "function"}
PLAN_JSON = {"workflow_id": "release", "workflow_name": "release", "steps": [STEP]}
CONFIRM = {"requirement_id": "q1", "action": "confirm"}


def read(cls: type[Any], data: Any) -> Any:
    """What was read, or None for a `DataError` that names the class."""
    try:
        return from_json(cls, data)
    except DataError as error:
        return None if str(error).startswith(cls.__name__) else error


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(instances(Plan), st.data())
def test_a_plan_that_was_damaged_anywhere_is_a_data_error_or_still_a_plan(plan: Plan, data: st.DataObject):
    damaged = to_json(plan)
    places = list(containers(damaged))
    place = data.draw(st.sampled_from(places))
    place[data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))] = data.draw(JSON)
    assert isinstance(read(Plan, damaged), Plan | None)


def containers(data: Any) -> Any:
    """Every list and object in it that has something in it."""
    if isinstance(data, dict | list) and data:
        yield data
        for inner in data.values() if isinstance(data, dict) else data:
            yield from containers(inner)


@settings(deadline=None)
@given(cls=st.sampled_from(WIRE_CLASSES), data=JSON)
def test_any_json_is_read_or_refused_with_a_data_error(cls: type[Any], data: Any):
    assert isinstance(read(cls, data), cls | None)


@pytest.mark.parametrize("kind", ["race", None, ["step"], 1])
def test_an_unknown_kind_is_refused(kind: object):
    with pytest.raises(DataError, match=r"^Plan.steps: "):
        from_json(Plan, {**PLAN_JSON, "steps": [{**STEP, "kind": kind}]})


def test_the_refusal_of_an_unknown_kind_names_those_that_there_are():
    with pytest.raises(DataError) as refused:
        from_json(Plan, {**PLAN_JSON, "steps": [{**STEP, "kind": "race"}]})
    assert str(refused.value) == (
        "Plan.steps: kind 'race' is not one of step, workflow, steps, loop, condition, router, parallel"
    )


@pytest.mark.parametrize(
    ("cls", "data", "message"),
    [
        (Plan, [], "Plan is an object, not list"),
        (Plan, {"workflow_id": "w", "workflow_name": None}, "Plan lacks 'steps'"),
        (Plan, PLAN_JSON | {"steps": {}}, "Plan.steps: expected a list, got dict"),
        (Plan, PLAN_JSON | {"steps": [[]]}, "Plan.steps: list is none of the accepted types"),
        (Plan, PLAN_JSON | {"has_db": 1}, "Plan.has_db: expected bool, got int"),
        (Plan, PLAN_JSON | {"steps": [STEP | {"max_retries": True}]}, "Plan.steps: StepNode.max_retries: expected int"),
        (Plan, PLAN_JSON | {"steps": [STEP | {"executor": "cat"}]}, "Plan.steps: StepNode.executor: 'cat' is not"),
        (StateChange, {"set": []}, "StateChange.set: expected an object, got list"),
        (Evaluated, {"selected": ["0"]}, "Evaluated.selected: expected int, got str"),
        (Resolution, {"decision": {}, "at": 1}, "Resolution.decision: Decision lacks 'requirement_id'"),
        (
            Resolution,
            {"decision": CONFIRM | {"action": {}}, "at": 1},
            "Resolution.decision: Decision.action: dict is not",
        ),
        (Resolution, {"decision": CONFIRM, "at": True}, "Resolution.at: expected float, got bool"),
        (Resolution, {"decision": CONFIRM, "at": "7"}, "Resolution.at: expected float, got str"),
    ],
)
def test_a_wrong_shape_is_refused_with_the_class_and_the_field(cls: type[Any], data: object, message: str):
    with pytest.raises(DataError) as refused:
        from_json(cls, data)
    assert str(refused.value).startswith(message)


def test_what_is_wrong_inside_an_optional_field_is_said_too():
    with pytest.raises(DataError, match=r"Review.user_input_schema: InputField.name: expected str, got int"):
        from_json(Review, {"user_input_schema": [to_json(InputField("region")) | {"name": 1}]})


def test_a_tree_too_deep_to_read_is_a_data_error():
    deep: Any = STEP
    for _ in range(sys.getrecursionlimit()):
        deep = {"kind": "steps", "path": "0", "name": None, "step_id": "s", "steps": [deep]}
    with pytest.raises(DataError, match=r"^Plan\.steps: .*nested too deep$"):
        from_json(Plan, {**PLAN_JSON, "steps": [deep]})

"""A value is judged by what is meant, however JSON writes it; agno, which judges the value itself, is the oracle."""

from __future__ import annotations

import datetime
import enum
import math
from typing import Any, NamedTuple

import pytest
from agno.workflow.types import StepRequirement, UserInputField
from pydantic import BaseModel

from agno_temporal.agno_bridge.values import encode
from agno_temporal.hitl import Rules, input_errors
from agno_temporal.hitl.meant import types_of
from agno_temporal.plan import InputField
from tests.hitl.test_user_input import errors


class Point(NamedTuple):
    x: int


Colour = enum.Enum("Colour", {"RED": "red"})
Size = enum.StrEnum("Size", {"LARGE": "large"})


class Order(BaseModel):
    id: int


TAKEN = [
    ("float", math.inf),
    ("float", math.nan),
    ("float", 10**700),
    ("int", 10**700),
    ("str", "half \ud800"),
    ("str", Size.LARGE),
    ("list", (1, 2)),
    ("list", Point(1)),
    ("list", [datetime.date(2024, 5, 1)]),
    ("dict", {1: 2}),
    ("dict", {"$type": "int", "value": 3}),
    ("dict", {"a": (1,)}),
]
REFUSED = [
    ("str", datetime.date(2024, 5, 1), "date"),
    ("int", math.inf, "float"),
    ("int", Size.LARGE, "Size"),
    ("float", "half \ud800", "str"),
    ("bool", Order(id=1), "Order"),
    ("list", {1}, "set"),
    ("dict", (1, 2), "tuple"),
    ("dict", datetime.date(2024, 5, 1), "date"),
    ("dict", b"x", "bytes"),
    ("dict", math.inf, "float"),
    ("dict", Order(id=1), "Order"),
    ("dict", Point(1), "Point"),
]
REFUSED_BY_AGNO = ("str", "int", "float", "bool")
"""It judges neither lists nor dicts."""


def agno_takes(field_type: str, value: Any) -> bool:
    form = [UserInputField("n", field_type)]
    try:
        StepRequirement("deploy", requires_user_input=True, user_input_schema=form).set_user_input(n=value)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("field_type", "value"), TAKEN)
def test_what_agno_takes_is_taken(field_type: str, value: Any):
    assert agno_takes(field_type, value)
    assert errors(InputField("n", field_type), encode(value)) == []


@pytest.mark.parametrize(("field_type", "value", "called"), REFUSED)
def test_what_is_of_another_type_is_refused_by_the_name_of_its_own(field_type: str, value: Any, called: str):
    assert agno_takes(field_type, value) == (field_type not in REFUSED_BY_AGNO)
    assert errors(InputField("n", field_type), encode(value)) == [f"n: expected {field_type}, got {called}"]


def test_the_value_that_is_meant_is_compared_with_those_that_are_allowed():
    assert errors(InputField("n", allowed_values=("\ud800",)), encode("\ud800")) == []
    assert errors(InputField("n", "float", allowed_values=(1.5,)), encode(math.inf)) == ["n: inf is not one of 1.5"]


@pytest.mark.parametrize(
    "value",
    [
        {"$type": 5},
        {"$type": "float", "value": "many"},
        {"$type": "enum", "class": "m:Colour", "data": []},
        {"$type": "model", "class": {"generic": "m:Box", "args": ["m:Int"]}},
        {"$type": "model", "class": 5},
    ],
)
def test_what_nobody_can_read_is_judged_without_an_error(value: Any):
    assert types_of(value)


@pytest.mark.parametrize(("field_type", "value"), [("dict", datetime.date(2024, 5, 1)), ("dict", math.inf)])
def test_the_first_rules_judge_as_it_is_written(field_type: str, value: Any):
    assert input_errors([InputField("n", field_type)], {"n": encode(value)}, Rules.FIRST) == ()
    [error] = input_errors([InputField("n", "float")], {"n": encode(math.inf)}, Rules.FIRST)
    assert str(error) == "n: expected float, got dict"

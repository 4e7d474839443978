"""A tool can be called with what Python's JSON says; anything else is refused, with what to give instead."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import uuid
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from agno_temporal.agno_bridge.values import encode
from agno_temporal.hitl import Rules, ToolAnswer
from agno_temporal.hitl.sayable import unsayable
from agno_temporal.hitl.tools import answer_errors, answer_faults
from agno_temporal.plan import InputField
from tests.hitl.tool_questions import form

Colour = enum.Enum("Colour", {"RED": "red"})


class Point(NamedTuple):
    x: Any


DAY = datetime.date(2024, 5, 1)


class Order(BaseModel):
    id: int


@dataclasses.dataclass
class Line:
    text: str


SAID = [5, 1.5, math.inf, math.nan, True, "a", "half \ud800", [1, (2,)], (1, 2), Point(1), {1: 2, None: 3, 1.5: {}}, {}]
NOT_SAID = {
    "date": (DAY, "value.isoformat()"),
    "datetime": (datetime.datetime(2024, 5, 1), "value.isoformat()"),
    "timedelta": (datetime.timedelta(1), "value.total_seconds()"),
    "decimal": (decimal.Decimal("1.1"), "str(value)"),
    "uuid": (uuid.UUID(int=3), "str(value)"),
    "path": (pathlib.Path("a"), "str(value)"),
    "bytes": (b"x", "value.decode()"),
    "set": ({1}, "list(value)"),
    "Colour": (Colour.RED, "member.value"),
    "Order": (Order(id=1), "value.model_dump(mode='json')"),
    "Line": (Line("a"), "dataclasses.asdict(value)"),
}


@pytest.mark.parametrize("value", SAID)
def test_what_json_says_is_taken(value: Any):
    assert json.dumps(value)
    assert unsayable(encode(value)) is None


@pytest.mark.parametrize("called", NOT_SAID)
@pytest.mark.parametrize("within", [lambda one: one, lambda one: {"a": [one]}, lambda one: {1: (one,)}, Point])
def test_what_json_does_not_say_is_named_with_what_to_give_instead(called: str, within: Any):
    value, instead = NOT_SAID[called]
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(within(value))
    fault = unsayable(encode(within(value)))
    assert fault is not None
    assert f"JSON, which has no {called}: give " in fault
    assert fault.endswith(instead)


def test_a_tuple_is_no_key():
    assert unsayable(encode({(1,): 2})) == "a tool is called with JSON, in which no tuple is a key: give text"


@pytest.mark.parametrize("tag", ["tuple", "dict", "namedtuple", "nonsense", 5, None])
def test_what_nobody_can_read_is_judged_without_an_error(tag: Any):
    assert unsayable({"$type": tag}) is not None


@pytest.mark.parametrize("field_type", ["date", "dict"])
def test_a_forms_field_is_named(field_type: str):
    value = {"$type": "dict", "items": [[1, encode(DAY)]]}
    question, given = form("f1", InputField("day", field_type)), {"f1": ToolAnswer(values={"day": value})}
    [error] = answer_errors((question,), given)
    assert error.startswith("send (f1): day: a tool is called with JSON, which has no date: give its text")
    assert answer_faults((question,), given, Rules.FIRST) == ()

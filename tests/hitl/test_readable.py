"""Values in a decision: refused if nobody can read them, by a rule that knows no agno.

The rule is the workflow's, and the reader is the worker's. If they differ, a decision is recorded that blocks its run,
or an honest client is refused. So the reader is the oracle here, for anything that JSON can hold under its tags.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agno_temporal.agno_bridge.value_classes import CLASS_KINDS
from agno_temporal.agno_bridge.value_kinds import READ_LEAF
from agno_temporal.agno_bridge.values import MalformedValue, TypeNotLoaded, decode
from agno_temporal.hitl import Action, Decision, RefusalCode, ToolAnswer, unreadable
from agno_temporal.plan.tagged import CLASS_TAGS, GATHER, fault_of

NONSENSE = {"$type": "nonsense"}
TEXTS = [
    "2024-05-01",
    "2024-05-01T10:00:00",
    "10:00",
    "PT1.000000S",
    "nan",
    "0x1f",
    "7.5",
    "aGk=",
    "10.0.0.1",
    "::1/64",
]
LEAVES = sorted(READ_LEAF)


def tagged(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with a tag, and something under each key that a reader of that tag may look for."""
    leaf = st.fixed_dictionaries(
        {"$type": st.sampled_from(LEAVES)},
        optional={"value": st.sampled_from(TEXTS) | inner, "elapsed": inner, "fold": inner},
    )
    gathered = st.fixed_dictionaries(
        {"$type": st.sampled_from([*GATHER, "dict"])},
        optional={"items": st.lists(inner | st.tuples(inner, inner).map(list))},
    )
    return leaf | gathered | st.fixed_dictionaries({"$type": inner})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner) | tagged(inner),
    max_leaves=8,
)


@given(VALUES)
def test_the_rule_and_the_reader_agree_on_everything_that_needs_no_class(data: Any) -> None:
    try:
        decode(data)
    except MalformedValue:
        assert fault_of(data) is not None
    else:
        assert fault_of(data) is None


def test_the_rule_knows_every_tag_of_a_class() -> None:
    assert CLASS_KINDS.keys() == CLASS_TAGS


@pytest.mark.parametrize("name", ["shop.orders:Order", {"generic": "shop.orders:Page", "args": ["builtins:int"]}])
def test_an_object_of_a_class_that_is_not_loaded_here_can_be_read_elsewhere(name: Any) -> None:
    data = {"$type": "model", "class": name, "data": {"id": 7}}
    with pytest.raises(TypeNotLoaded):
        decode(data)
    assert fault_of(data) is None


@pytest.mark.parametrize(
    "data",
    [
        {"$type": "model", "data": {}},
        {"$type": "model", "class": "Order", "data": {}},
        {"$type": "model", "class": "None", "data": {}},
        {"$type": "model", "class": {"generic": "|", "args": ["builtins:int"]}, "data": {}},
        {"$type": "model", "class": "shop.orders:Order"},
        {"$type": "model", "class": "shop.orders:Order", "data": [1]},
        {"$type": "model", "class": "shop.orders:Order", "data": {"id": NONSENSE}},
        {"$type": "model", "class": "shop.orders:Order", "data": {}, "unset": [1]},
        {"$type": "enum", "class": "shop.orders:Colour", "data": {}},
        {"$type": "datetime", "value": "2024-05-01", "zone": 7},
    ],
)
def test_an_object_that_no_class_could_make_readable_is_a_fault(data: Any) -> None:
    assert fault_of(data) is not None


def test_a_moment_in_a_zone_that_some_machine_may_know_is_none() -> None:
    assert fault_of({"$type": "datetime", "value": "2024-05-01T10:00:00", "zone": "Europe/Nowhere"}) is None


@pytest.mark.parametrize(
    ("decision", "fields"),
    [
        (Decision("q", Action.EDIT, edited_output=[NONSENSE]), ("edited_output",)),
        (Decision("q", Action.INPUT, values={"a": 1, "b": NONSENSE, "c": NONSENSE}), ("b", "c")),
        (Decision("q", Action.INPUT, values={"$type": "tuple", "items": []}), ("$type",)),
        (Decision("q", Action.ANSWER, answers={"call": ToolAnswer(values={"a": NONSENSE})}), ("call",)),
    ],
)
def test_every_field_that_nobody_can_read_is_named(decision: Decision, fields: tuple[str, ...]) -> None:
    refusal = unreadable(decision)

    assert refusal is not None
    assert (refusal.code, refusal.fields) == (RefusalCode.INVALID_INPUT, fields)
    assert all(field in error for field, error in zip(fields, refusal.errors or (), strict=True))


def test_a_decision_of_plain_data_is_readable() -> None:
    assert unreadable(Decision("q", Action.INPUT, values={"a": {"b": [1, None, "text"]}})) is None

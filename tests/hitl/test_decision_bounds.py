"""How large and how deep a decision may be, and that what is taken can be recorded and told to others.

A decision stands in the run's memory and in every later step's input, and its text in the messages that others are
sent. What the reader lets through and the writer cannot write is lost after it was promised.
"""

import json
from typing import Any

import pytest

from agno_temporal.hitl import Refusal, decision_from_json
from agno_temporal.hitl.decision import MAX_DECISION_BYTES, MAX_DEPTH
from agno_temporal.plan.data import to_json
from tests.hitl.judging import CONFIRM, malformed, taken

SIZE_OF_THE_REST = len(json.dumps({**CONFIRM, "feedback": ""}))


def padded(size: int) -> dict[str, str]:
    return {**CONFIRM, "feedback": "x" * (size - SIZE_OF_THE_REST)}


def nested(opening: str, closing: str, depth: int) -> Any:
    """Lists or objects in each other, as many as `depth`."""
    return json.loads(opening * (depth - 1) + opening.replace('"a":', "") + closing * depth)


def test_a_decision_of_the_largest_size_is_taken():
    assert taken(padded(MAX_DECISION_BYTES))


def test_a_larger_decision_is_refused_with_both_sizes_and_the_remedy():
    assert malformed(padded(MAX_DECISION_BYTES + 1)).message == (
        "The decision has 65537 bytes; at most 65536 are taken. Send a reference instead."
    )


def test_the_size_is_that_of_utf_8_not_of_escapes():
    room = MAX_DECISION_BYTES - SIZE_OF_THE_REST
    full = "語" * (room // 3) + "x" * (room % 3)
    assert taken({**CONFIRM, "feedback": full})
    assert "has 65537 bytes" in malformed({**CONFIRM, "feedback": full + "x"}).message


@pytest.mark.parametrize("data", [{**CONFIRM, "action": "x" * 100_000}, {**CONFIRM, "x" * 100_000: 1}])
def test_a_refusal_does_not_send_back_what_was_too_large_to_take(data: dict[str, object]):
    assert len(malformed(data).message) < 1_000


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
@pytest.mark.parametrize(("field", "around"), [("edited_output", 1), ("values", 2)])
def test_a_decision_is_taken_down_to_the_depth_bound_and_no_deeper(field: str, around: int, opening: str, closing: str):
    def sent(depth: int) -> dict[str, Any]:
        """A decision of this depth, itself and the object of the values included."""
        inner = nested(opening, closing, depth - around)
        return {**CONFIRM, field: {"region": inner} if field == "values" else inner}

    assert to_json(taken(sent(MAX_DEPTH))) == sent(MAX_DEPTH)
    assert malformed(sent(MAX_DEPTH + 1)).message == "The decision is nested deeper than 32."


def test_what_lies_side_by_side_is_not_deep():
    assert taken({**CONFIRM, "values": {"regions": [[] for _ in range(1_000)]}})


@pytest.mark.parametrize("depth", [600, 900])
def test_what_is_taken_can_be_recorded_however_deep_it_is_nested(depth: int):
    decision = decision_from_json({**CONFIRM, "values": {"region": json.loads("[" * depth + "]" * depth)}})
    assert isinstance(decision, Refusal) or to_json(decision)


@pytest.mark.parametrize("container", [list, tuple])
def test_what_is_nested_too_deep_to_be_written_is_refused(container: type):
    deep: Any = container()
    for _ in range(100_000):
        deep = container([deep])
    assert malformed({**CONFIRM, "values": {"region": deep}})


def test_what_json_cannot_say_is_refused():
    endless: list[object] = []
    endless.append(endless)
    for value in (object(), {1, 2}, b"bytes", endless):
        assert malformed({**CONFIRM, "values": {"region": value}})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_have_is_refused(number: float):
    assert malformed({**CONFIRM, "values": {"replicas": number}})


@pytest.mark.parametrize("wrong", [{"decided_by": "\ud800"}, {"values": {"\ud800": 1}}, {"\ud800": 1}])
def test_text_that_is_no_unicode_is_refused_in_words_that_can_be_sent(wrong: dict[str, object]):
    """Half of a pair, which JSON can escape. In a refusal's message it would raise while the answer is written."""
    assert malformed(CONFIRM | wrong).message.encode().endswith(b"surrogates not allowed.")

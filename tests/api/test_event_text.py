"""An event as JSON: agno's own, and still JSON where agno's would be none."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from agno.run.workflow import CustomEvent, StepCompletedEvent, WorkflowStartedEvent
from agno.workflow.types import StepOutput

from agno_temporal.agno_bridge.event_text import event_text


def strictly(text: str) -> Any:
    def refuse(name: str) -> None:
        raise ValueError(name)

    assert text.splitlines() == [text], "clients split a stream as Python splits a text"
    text.encode()
    return json.loads(text, parse_constant=refuse)


def test_it_is_what_agno_writes_and_names_the_run() -> None:
    event = WorkflowStartedEvent(workflow_name="release", session_id="s")
    event.event_index = 0
    assert strictly(event_text(event, "r1")) == json.loads(event.to_json()) | {"run_id": "r1", "event_index": 0}


def test_a_run_of_the_events_own_stays() -> None:
    assert strictly(event_text(WorkflowStartedEvent(run_id="nested"), "r1"))["run_id"] == "nested"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (math.nan, "NaN"),
        ({"x": [math.inf]}, {"x": ["Infinity"]}),
        ({(1, 2): "a"}, {"(1, 2)": "a"}),
        ({1}, "{1}"),
        ("a\ud800b", "a\ud800b"),
    ],
)
def test_a_content_that_agno_cannot_write_is_written_all_the_same(content: Any, shown: Any) -> None:
    event = StepCompletedEvent(step_response=StepOutput(content=content), content=content)
    assert strictly(event_text(event, "r1"))["content"] == shown


@pytest.mark.parametrize("content", ["two\nlines", "a\u2028b\u2029c\x85d", "a\u2028\ud800", {1: "\u2028"}])
def test_it_is_one_line_for_whoever_splits_it(content: Any) -> None:
    event = StepCompletedEvent(step_response=StepOutput(content=content), content=content)
    assert strictly(event_text(event, "r1"))["content"] == json.loads(json.dumps(content))


def test_an_event_that_has_not_all_of_its_fields_says_what_it_has() -> None:
    event = CustomEvent(who="ana", seen={"at": 1})  # type: ignore[no-untyped-call]
    written = strictly(event_text(event, "r1"))
    assert (written["event"], written["who"], written["seen"]) == ("CustomEvent", "ana", {"at": 1})

"""What an executor says comes back as it was, and costs no more than what changes."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

import pytest
from agno.metrics import RunMetrics
from agno.models.response import ToolExecution, UserInputField
from agno.run.agent import (
    CustomEvent,
    RunCompletedEvent,
    RunContentEvent,
    RunPausedEvent,
    RunStartedEvent,
    ToolCallStartedEvent,
)
from agno.run.requirement import RunRequirement
from agno.run.team import RunContentEvent as TeamRunContentEvent
from agno.run.workflow import StepProgressEvent

from agno_temporal.agno_bridge.executor_events import Reader, Unwritable, Writer
from tests.differential.comparable import comparable

WHERE = {"run_id": "run-1", "agent_id": "ann", "agent_name": "Ann", "session_id": "s", "created_at": 7}


@dataclass
class Scored(CustomEvent):
    score: int = 0


def written(*events: Any) -> Any:
    writer = Writer("step '0'")
    return json.loads(json.dumps([writer.write(event) for event in events]))


def read(data: Any, lenient: bool = False) -> list[Any]:
    reader = Reader(lenient)
    return [reader.read(one) for one in data]


EVENTS = [
    RunStartedEvent(**WHERE, model="gpt", model_provider="openai"),
    RunContentEvent(**WHERE, content="one "),
    RunContentEvent(**WHERE, content="two", reasoning_content="because"),
    RunContentEvent(**WHERE, content="three"),
    ToolCallStartedEvent(**WHERE, tool=ToolExecution(tool_call_id="t", tool_name="look", tool_args={"b": 1, "a": 2})),
    TeamRunContentEvent(run_id="run-2", team_id="crew", team_name="Crew", content={"a": 1}),
    RunCompletedEvent(**WHERE, content="one two", metrics=RunMetrics(input_tokens=3), session_state={"k": 1}),
    StepProgressEvent(content="half", data={"done": 1}, attempt=2),
    Scored(score=3),
]


def test_every_event_comes_back_as_it_was() -> None:
    came_back = read(written(*EVENTS))
    assert [type(event) for event in came_back] == [type(event) for event in EVENTS]
    assert [comparable(event) for event in came_back] == [comparable(event) for event in EVENTS]


def test_a_tool_that_is_given_its_arguments_comes_back_as_agno_stores_it() -> None:
    """The fields of its form hold types."""
    field = UserInputField(name="to", field_type=str, description="Whom?")
    tool = ToolExecution(tool_call_id="t", tool_name="send", requires_user_input=True, user_input_schema=[field])
    requirement = RunRequirement(tool_execution=tool)
    (paused,) = read(written(RunPausedEvent(**WHERE, tools=[tool], requirements=[requirement])))
    assert paused.tools[0].to_dict() == tool.to_dict()
    assert paused.requirements[0].to_dict() == requirement.to_dict()


def test_a_piece_of_text_costs_its_text() -> None:
    pieces = [RunContentEvent(**WHERE, content=f"piece {index}") for index in range(3)]
    assert written(*pieces)[1:] == [["RunContent", {"content": "piece 1"}], ["RunContent", {"content": "piece 2"}]]


def test_the_form_is_what_it_was() -> None:
    """It is in histories: what a later version writes must be read by this one's readers and the other way round."""
    assert written(RunContentEvent(**WHERE, content="hi"))[0] == [
        "RunContent",
        {
            "run_id": "run-1",
            "agent_id": "ann",
            "agent_name": "Ann",
            "session_id": "s",
            "created_at": 7,
            "content": "hi",
        },
    ]


def test_a_reader_without_the_users_class_gets_agnos_with_the_same_attributes() -> None:
    data = [["", {"$type": "dataclass", "class": "nowhere.to_be_found:Scored", "data": {"score": 3}}]]
    (event,) = read(data, lenient=True)
    assert type(event) is CustomEvent
    assert event.score == 3


def test_an_event_that_cannot_be_kept_is_refused_by_name() -> None:
    with pytest.raises(Unwritable, match=r"step '0' event RunContent.content.*lock"):
        written(RunContentEvent(**WHERE, content=threading.Lock()))


def test_one_true_and_one_point_nought_are_not_the_same() -> None:
    values = [1, True, 1.0, 0, False, -0.0, 0.0]
    came_back = read(written(*(StepProgressEvent(attempt=1, data={"v": value}) for value in values)))
    assert [repr(event.data["v"]) for event in came_back] == [repr(value) for value in values]


def test_a_tool_call_that_agno_itself_cannot_write_is_unwritable() -> None:
    tool = ToolExecution(tool_name="look", tool_args={"lock": threading.Lock()})
    with pytest.raises(Unwritable, match="lock"):
        written(ToolCallStartedEvent(**WHERE, tool=tool))

"""What a step returned is the same after it was written and read."""

import json
import threading
from dataclasses import dataclass
from datetime import date

import pytest
from agno.media import Audio, File, Image, Video
from agno.metrics import ModelMetrics, RunMetrics
from agno.workflow.types import StepOutput, StepType
from pydantic import BaseModel

from agno_temporal.agno_bridge.step_bodies import Measure, output_of, step_body
from agno_temporal.agno_bridge.values import NotSerialisable
from tests.bridge.shapes import shape


class Order(BaseModel):
    number: int
    due: date


@dataclass
class Point:
    x: float


def through_history(output: StepOutput) -> StepOutput:
    return output_of(json.loads(json.dumps(step_body(output), allow_nan=False, sort_keys=True)))


@pytest.mark.parametrize(
    "content",
    ["text", "", None, 5, True, [1, (2, 3)], {"b": {4}, "a": b"x"}, Order(number=1, due=date(2024, 5, 1)), Point(0.5)],
    ids=repr,
)
def test_content_keeps_its_value_and_type(content):
    assert shape(through_history(StepOutput(content=content)).content) == shape(content)


def test_every_field_comes_back():
    output = StepOutput(
        step_name="fetch",
        step_id="id-1",
        step_type=StepType.STEP,
        executor_type="agent",
        executor_name="Fetcher",
        content=Order(number=1, due=date(2024, 5, 1)),
        step_run_id="run-2",
        images=[Image(content=b"\x89PNG", mime_type="image/png")],
        videos=[Video(url="https://example.org/v.mp4")],
        audio=[Audio(content=b"abcdefgh")],
        files=[File(content=b"\xff\x00", mime_type="text/plain", filename="a.txt")],
        metrics=RunMetrics(input_tokens=3, cost=0.1, details={"model": [ModelMetrics(id="m", provider="p")]}),
        success=False,
        error="no rows",
        stop=True,
        is_paused=True,
    )
    assert through_history(output) == output


def test_step_types_are_agnos_enum_again_and_others_stay_text():
    assert through_history(StepOutput(step_type=StepType.STEP)).step_type is StepType.STEP
    assert through_history(StepOutput(step_type="Custom")).step_type == "Custom"


def test_none_and_an_empty_list_are_told_apart():
    assert through_history(StepOutput(images=[], steps=[])) == StepOutput(images=[], steps=[])
    assert through_history(StepOutput()) == StepOutput()


def test_outputs_that_a_function_nested_itself_come_back():
    inner = StepOutput(
        step_name="inner", content=Point(1.0), success=False, images=[Image(url="https://example.org/i")]
    )
    output = StepOutput(steps=[StepOutput(steps=[inner]), inner])
    assert through_history(output) == output


def test_a_refusal_names_the_step_and_the_place():
    output = StepOutput(steps=[StepOutput(content={"items": [threading.Lock()]})])
    with pytest.raises(NotSerialisable) as refused:
        step_body(output, where="step '2' (\"fetch\")")
    assert refused.value.where == "step '2' (\"fetch\") steps[0].content.items[0]"


def test_an_output_with_more_than_agnos_fields_is_refused_where_it_is_made():
    class Scored(StepOutput):
        score = 1

    with pytest.raises(NotSerialisable, match="put what you add to it into its content"):
        step_body(Scored(content="x"))


def test_the_digest_does_not_depend_on_the_order_of_keys():
    body = step_body(StepOutput(step_name="ä", content={"b": 1, "a": 2}))
    reordered = json.loads(json.dumps(body, sort_keys=True))
    assert Measure.of(reordered) == Measure.of(body)
    assert Measure.of(step_body(StepOutput(step_name="ä", content={"b": 1, "a": 3}))) != Measure.of(body)


def test_the_size_is_what_is_written_in_utf_8():
    assert Measure.of({"output": {"content": "ä"}}).size == len('{"output":{"content":"ä"}}'.encode())

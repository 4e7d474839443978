"""Whatever a step returns reaches the next step, the results and the run's content with its type."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from agno.media import Audio, File, Image, Video
from agno.run.agent import RunOutput
from agno.workflow import Step
from agno.workflow.types import StepInput, StepOutput
from pydantic import BaseModel

from tests.differential.blocks import agent, flow, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep


class Verdict(BaseModel):
    mark: int
    text: str = "none"
    when: dt.date | None = None


@dataclass
class Point:
    x: int
    y: float
    labels: list[str] = field(default_factory=list)


class Colour(enum.Enum):
    RED = "red"


VALUES: dict[str, Any] = {
    "text": "text",
    "empty text": "",
    "None": None,
    "int": 5,
    "zero": 0,
    "float": 1.5,
    "True": True,
    "False": False,
    "dict in an order of its own": {"b": 1, "a": [1, {"z": None, "y": 2.0}]},
    "dict with keys that are no text": {1: "one", (2, 3): "two"},
    "empty dict": {},
    "list": [1, "two", None, [3.0]],
    "empty list": [],
    "tuple": (1, "two"),
    "set": {3},
    "bytes": b"\x00\xff",
    "pydantic model": Verdict(mark=1, when=dt.date(2024, 2, 29)),
    "list of pydantic models": [Verdict(mark=1), Verdict(mark=2, text="two")],
    "dataclass": Point(1, 2.5, ["origin"]),
    "enum": Colour.RED,
    "datetime": dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.UTC),
    "timedelta": dt.timedelta(hours=1.5),
    "decimal": decimal.Decimal("1.10"),
    "uuid": uuid.UUID(int=7),
    "text that looks like a tag": {"$type": "int", "value": 3},
}

OUTPUTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "stop": {"content": "c", "stop": True},
    "failed": {"content": "c", "success": False},
    "failed with an error": {"content": "c", "success": False, "error": "it did not work"},
    "error without failing": {"content": "c", "error": "odd"},
    "a name of its own": {"content": "c", "step_name": "another"},
    "an executor of its own": {"content": "c", "executor_type": "robot", "executor_name": "Rob"},
    "an id of its own": {"content": "c", "step_id": "own-id", "step_run_id": "own-run"},
    "a type of its own": {"content": "c", "step_type": "Custom"},
    "an image": {"content": "c", "images": [Image(id="i", url="https://example.org/i.png")]},
    "media of every kind": {
        "images": [Image(id="i", content=b"\x89PNG")],
        "videos": [Video(id="v", url="https://example.org/v.mp4")],
        "audio": [Audio(id="a", content=b"RIFF")],
        "files": [File(id="f", content=b"text", mime_type="text/plain", filename="f.txt")],
    },
    "empty media": {"content": "c", "images": [], "files": []},
    "steps of its own": {"content": "c", "steps": [StepOutput(step_name="n", content={"deep": 1})]},
    "deep steps": {"content": "c", "steps": [StepOutput(content="d", steps=[StepOutput(content="e", success=False)])]},
    "no steps": {"content": "c", "steps": []},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_a_value_that_a_function_returns(oracle: Oracle, value: Any) -> None:
    await oracle.agrees(lambda: flow(Step(name="subject", executor=lambda step_input: value), tells()), "go")


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_a_value_as_the_content_of_an_output(oracle_with_db: Oracle, value: Any) -> None:
    def output(step_input: StepInput) -> StepOutput:
        return StepOutput(content=value)

    await oracle_with_db.agrees(
        lambda: flow(Step(name="subject", executor=output), tells(), Step(name="x", executor=output))
    )


@pytest.mark.parametrize("fields", OUTPUTS.values(), ids=OUTPUTS)
async def test_the_fields_of_an_output(oracle: Oracle, fields: dict[str, Any]) -> None:
    def output(step_input: StepInput) -> StepOutput:
        return StepOutput(**fields)

    await oracle.agrees(lambda: flow(Step(name="subject", executor=output), tells()), "go")


@pytest.mark.parametrize("fields", OUTPUTS.values(), ids=OUTPUTS)
async def test_the_fields_of_the_last_output(oracle_with_db: Oracle, fields: dict[str, Any]) -> None:
    def output(step_input: StepInput) -> StepOutput:
        return StepOutput(**fields)

    await oracle_with_db.agrees(lambda: flow(tells(), Step(name="subject", executor=output)), "go")


@pytest.mark.parametrize("value", [VALUES["text"], VALUES["pydantic model"], VALUES["list"]])
async def test_an_agent_after_a_value(oracle: Oracle, value: Any) -> None:
    def output(step_input: StepInput) -> StepOutput:
        return StepOutput(content=value)

    await oracle.agrees(lambda: flow(Step(name="subject", executor=output), agent(), tells()), "go")


async def test_an_agents_run_that_a_function_returns_is_its_content(oracle: Oracle) -> None:
    def ask(step_input: StepInput) -> RunOutput:
        return RunOutput(content={"b": 1, "a": 2}, images=[Image(id="i", url="https://example.org/i.png")])

    seen = await oracle.agrees(lambda: flow(Step(name="subject", executor=ask), tells()), "go")
    assert seen.stops[-1]["step_results"][""][0]["content"]["(keys)"] == ["str b", "str a"]

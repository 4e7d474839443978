"""What a run is given: its input, and everything beside it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from agno.media import Image
from agno.workflow import Condition, HumanReview, Steps
from pydantic import BaseModel

from tests.differential.blocks import agent, flow, says, sets, tells_all
from tests.differential.oracle import Oracle
from tests.support import Bench

pytestmark = pytest.mark.sweep


class Topic(BaseModel):
    title: str
    due: dt.date | None = None


@dataclass
class Point:
    x: int


INPUTS: dict[str, Any] = {
    "None": None,
    "text": "Bees",
    "empty text": "",
    "dict": {"title": "Bees", "a": [1, 2.0]},
    "list": ["Bees", 2],
    "pydantic model": Topic(title="Bees", due=dt.date(2024, 2, 29)),
    "dataclass": Point(3),
    "int": 5,
}

OPTIONS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "additional_data": {"additional_data": {"b": 1, "a": {"deep": [None]}}},
    "empty additional_data": {"additional_data": {}},
    "additional_data under agno's own keys": {
        "additional_data": {"user_input": {"mode": "fast"}, "rejection_feedback": "no", "previous_output": "old"}
    },
    "dependencies": {"dependencies": {"rate": 0.5, "list": [1]}},
    "dependencies in the prompt": {"dependencies": {"rate": 0.5}, "add_dependencies_to_context": True},
    "metadata": {"metadata": {"ticket": 7, "nested": {"b": 1, "a": 2}}},
    "user_id": {"user_id": "ana"},
    "session_id": {"session_id": "another session"},
    "session_state": {"session_state": {"n": 1, "deep": {"b": [1], "a": None}}},
    "empty session_state": {"session_state": {}},
}


@pytest.mark.parametrize("value", INPUTS.values(), ids=INPUTS)
async def test_an_input(oracle: Oracle, value: Any) -> None:
    await oracle.agrees(lambda: flow(tells_all("a"), Steps(name="s", steps=[tells_all("b")]), tells_all("c")), value)


@pytest.mark.parametrize("name", ["text", "dict", "pydantic model"])
async def test_an_input_of_an_agent(oracle: Oracle, name: str) -> None:
    await oracle.agrees(lambda: flow(agent("Ann"), tells_all()), INPUTS[name])


@pytest.mark.parametrize("value", [INPUTS["dict"], INPUTS["pydantic model"]], ids=["dict", "model"])
async def test_an_input_schema(oracle: Oracle, value: Any) -> None:
    given = {"title": "Bees"} if isinstance(value, dict) else value
    await oracle.agrees(lambda: flow(tells_all("a"), agent("Ann"), tells_all("b"), input_schema=Topic), given)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
async def test_an_option_of_the_run(oracle: Oracle, options: dict[str, Any]) -> None:
    await oracle.agrees(
        lambda: flow(
            tells_all("a"),
            agent("Ann"),
            Condition(name="i", evaluator=lambda step_input: True, steps=[tells_all("b"), agent("Ben")]),
            tells_all("c"),
        ),
        "go",
        **options,
    )


async def test_arguments_by_position(bench: Bench) -> None:
    workflow = flow(tells_all("a"), telemetry=False)
    given: Any = ("go", {"b": 1}, "ana", str(uuid.uuid4()), "s", {"n": 1}, None, [Image(id="i", url="https://a.org/i")])
    async with bench.worker(workflow):
        ours = await bench.durable(workflow).arun(*given)
    theirs = await workflow.arun(*given)
    assert (ours.content, ours.run_id, ours.user_id) == (theirs.content, theirs.run_id, theirs.user_id)


@pytest.mark.parametrize("given", [("go",) * 30, ("go", "go")], ids=["too many", "one that is named as well"])
def test_arguments_by_position_that_cannot_be_told(bench: Bench, given: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="run"):
        flow(tells_all("a")).run(*given, additional_data={})
    with pytest.raises(TypeError, match="run"):
        bench.durable(flow(tells_all("a"))).run(*given, additional_data={})


async def test_options_of_the_workflow_and_the_run_are_merged(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            tells_all("a"),
            sets("s", own=1),
            tells_all("b"),
            dependencies={"d": {"one": 1, "two": 2}, "only": True},
            metadata={"m": {"one": 1}, "only": True},
            session_state={"n": 1, "deep": {"one": 1}},
        ),
        "go",
        dependencies={"d": {"two": 22}},
        metadata={"m": {"two": 2}},
        session_state={"deep": {"two": 2}},
    )


async def test_options_of_the_workflow_alone(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            tells_all("a"),
            tells_all("b"),
            dependencies={"d": 1},
            metadata={"m": 1},
            session_state={"n": 1},
            user_id="bob",
            add_dependencies_to_context=True,
        ),
        "go",
    )


async def test_a_user_of_the_run_goes_before_the_workflows(oracle: Oracle) -> None:
    await oracle.agrees(lambda: flow(tells_all("a"), user_id="bob"), "go", user_id="ana")


@pytest.mark.parametrize("step_id", [None, "own-id"])
async def test_names_that_occur_twice(oracle: Oracle, step_id: str | None) -> None:
    await oracle.agrees(lambda: flow(says("a", "one"), says("a", "two")), "go")


async def test_steps_without_a_name(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(says(None, "one"), Steps(name="s", steps=[says(None, "two")]), tells_all(None)), "go"
    )


async def test_a_workflow_with_an_id_and_a_description(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(tells_all("a"), Steps(name="s", steps=[says("b")]), id="own-id", description="It tells_all."), "go"
    )


async def test_a_review_that_asks_nobody_changes_nothing(oracle: Oracle) -> None:
    await oracle.agrees(
        lambda: flow(
            tells_all("a", human_review=HumanReview(on_error="fail")), tells_all("b", human_review=HumanReview())
        ),
        "go",
    )

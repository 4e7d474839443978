"""What no row can hold is written as well as it can be: the run ends, is read back, and is itself unchanged."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import enum
import json
import math
from typing import Any

import pytest
from agno.agent import Agent
from agno.db.in_memory import InMemoryDb
from agno.models.message import Message
from agno.run import RunContext
from agno.run.agent import RunOutput
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Step, Workflow
from agno.workflow.types import HumanReview, StepInput, StepOutput, UserInputField
from pydantic import BaseModel, ConfigDict, Field

from agno_temporal import RunError
from agno_temporal.agno_bridge.row_values import row_value
from examples.scripted_model import ScriptedModel
from tests.storage.conftest import OpenDatabase
from tests.storage.databases import rows_of, session_of
from tests.support import PATIENCE, Bench


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    tags: frozenset[str]


class Model(BaseModel):
    point: Point
    ratio: float


ODD: dict[str, Any] = {
    "NUL": "a\x00b",
    "a key with NUL": {"k\x00": 1},
    "a lone surrogate": "a\ud800b",
    "not a number": [float("nan"), float("inf"), -float("inf")],
    "a set": {"a"},
    "a data class": Point(1, frozenset({"t"})),
    "a model": Model(point=Point(1, frozenset()), ratio=float("nan")),
    "an enum": [Colour.RED],
    "bytes": b"\xff\x00",
    "other keys": {1: "one", (2, 3): "two"},
}


async def test_a_run_with_odd_values_is_written_and_read_back(bench: Bench, sql: Any) -> None:
    def odd(step_input: StepInput, run_context: RunContext) -> StepOutput:
        assert run_context.session_state is not None
        run_context.session_state["odd"] = ODD
        return StepOutput(content=ODD)

    def sees(step_input: StepInput, run_context: RunContext) -> str:
        given = (run_context.session_state or {})["odd"]
        return f"{repr(given) == repr(ODD)} {repr(step_input.previous_step_content) == repr(ODD)}"

    gate = HumanReview(requires_confirmation=True)
    steps = [Step(name="odd", executor=odd), Step(name="sees", executor=sees, human_review=gate)]
    workflow = Workflow(name="odd", db=sql, steps=steps)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await asyncio.wait_for(durable.arun(ODD, session_id="s", additional_data={"odd": ODD}), PATIENCE)
        run.steps_requiring_confirmation[0].confirm()
        run = await asyncio.wait_for(durable.acontinue_run(run), PATIENCE)
        session = await session_of(durable, "s")
        again = await asyncio.wait_for(durable.arun("again", session_id="s"), PATIENCE)

    assert run.content == "True True"
    assert session
    [stored] = session.runs or []
    assert (stored.status, stored.content) == ("COMPLETED", "True True")
    assert (session.session_data or {})["session_state"]["odd"].keys() == ODD.keys()
    assert again.is_paused


async def test_a_number_that_python_makes_no_text_of_is_written(bench: Bench, sql: Any) -> None:
    long = 10**5_000
    step = Step(name="odd", executor=lambda _: StepOutput(content={"n": long, long: "n"}))
    workflow = Workflow(name="odd", db=sql, steps=[step])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await asyncio.wait_for(durable.arun("odd", session_id="s"), PATIENCE)
        session = await session_of(durable, "s")
    assert run.content == {"n": long, long: "n"}
    assert session
    assert (session.runs or [])[0].content == {"n": hex(long), hex(long): "n"}


async def test_what_agno_cannot_write_ends_in_memory_too(bench: Bench) -> None:
    odd = [Step(name="odd", executor=lambda _: StepOutput(content={(1, 2): "two"}))]
    gate = Step(name="gate", executor=lambda _: "on", human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="odd", db=InMemoryDb(), steps=[*odd, gate])
    async with bench.worker(workflow):
        run = await asyncio.wait_for(bench.durable(workflow).arun("odd"), PATIENCE)

    assert run.is_paused


class Document(BaseModel):
    """With bytes that are no UTF-8, which pydantic takes them for."""

    model_config = ConfigDict(val_json_bytes="base64")

    raw: bytes


class Drawing(ScriptedModel):
    """Answers with a document."""

    def _answer(self, messages: list[Message]) -> str:
        return json.dumps({"raw": base64.b64encode(b"%PDF\xe2").decode()})


async def test_a_nested_run_that_agno_cannot_write_is_announced_and_ends(bench: Bench, sql: Any) -> None:
    drawn = Step(name="drawn", executor=lambda _: StepOutput(content=Document(raw=b"%PDF\xe2")))
    agent = Agent(name="draws", model=Drawing(), output_schema=Document, use_json_mode=True, telemetry=False)
    gate = Step(name="gate", executor=lambda _: "on", human_review=HumanReview(requires_confirmation=True))
    steps = [Step(name="draws", agent=agent), Workflow(name="nested", steps=[drawn]), gate]
    workflow = Workflow(name="odd", db=sql, steps=[*steps])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await asyncio.wait_for(durable.arun("x", session_id="s"), PATIENCE)
        run.steps_requiring_confirmation[0].confirm()
        run = await asyncio.wait_for(durable.acontinue_run(run), PATIENCE)
        session = await session_of(durable, "s")

    assert run.step_executor_runs
    assert run.step_executor_runs[0].content == Document(raw=b"%PDF\xe2")
    assert session
    [stored] = session.runs or []
    assert isinstance(stored, WorkflowRunOutput)
    agents, nested = stored.step_executor_runs or []
    assert (stored.status, type(agents), type(nested)) == ("COMPLETED", RunOutput, WorkflowRunOutput)
    assert agents.content == nested.content == {"raw": "JVBERuI="}


async def test_what_a_human_is_asked_and_answers_may_be_odd(bench: Bench, sql: Any) -> None:
    review = HumanReview(requires_output_review=True, on_reject="retry")
    odd = Step(name="odd", executor=lambda _: StepOutput(content=ODD), human_review=review)
    workflow = Workflow(name="odd", db=sql, steps=[odd])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await asyncio.wait_for(durable.arun("odd", session_id="s"), PATIENCE)
        run.steps_requiring_output_review[0].reject(feedback="a\x00b")
        run = await asyncio.wait_for(durable.acontinue_run(run), PATIENCE)
        rows = await rows_of(sql, "approvals")

    assert sorted(row["status"] for row in rows) == ["pending", "rejected"]


@pytest.mark.parametrize(
    ("kind", "given"),
    [("int", 10**700), ("float", math.inf), ("float", math.nan)],
    ids=["many digits", "infinity", "not a number"],
)
async def test_a_number_that_no_row_holds_is_answered_and_the_session_can_be_read(
    bench: Bench, sql: Any, kind: str, given: float
) -> None:
    form = [UserInputField(name="n", field_type=kind, allowed_values=[given, 1] if kind == "int" else None)]
    asks = HumanReview(requires_user_input=True, user_input_schema=form)
    gate = Step(name="gate", executor=lambda _: "on", human_review=HumanReview(requires_confirmation=True))
    first = Step(name="odd", executor=lambda given: repr(given.additional_data), human_review=asks)
    workflow = Workflow(name="odd", db=sql, steps=[first, gate])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await asyncio.wait_for(durable.arun("odd", session_id="s"), PATIENCE)
        run.steps_requiring_user_input[0].set_user_input(n=given)
        run = await asyncio.wait_for(durable.acontinue_run(run), PATIENCE)
        session = await session_of(durable, "s")
        again = await asyncio.wait_for(durable.arun("again", session_id="s"), PATIENCE)

    assert run.step_results[0].content == repr({"user_input": {"n": given}})
    assert session
    [stored] = session.runs or []
    assert isinstance(stored, WorkflowRunOutput)
    assert stored.step_requirements
    assert isinstance((stored.step_requirements[0].user_input or {})["n"], str)
    assert again.is_paused


async def test_a_nested_workflow_without_a_name_leaves_its_session_readable(bench: Bench, sql: Any) -> None:
    def nested(id: str, *steps: Any) -> Workflow:
        return Workflow(id=id, steps=[*steps])

    step = Step(name="s", executor=lambda _: "done")
    workflow = Workflow(name="odd", db=sql, steps=[nested("outer", nested("inner", step)), step])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        for _ in range(2):
            run = await asyncio.wait_for(durable.arun("x", session_id="s"), PATIENCE)
            assert run.status == "COMPLETED"
        session = await session_of(durable, "s")

    assert session
    shown = (session.runs or [])[0].step_executor_runs or []
    assert [(type(one).__name__, one.workflow_name) for one in shown] == [("WorkflowRunOutput", "outer")]


async def test_what_postgres_cannot_hold_is_shown_as_replaced(bench: Bench, open_database: OpenDatabase) -> None:
    db = open_database("PostgresDb")

    def odd(step_input: StepInput) -> str:
        return "a\x00b\ud800c"

    workflow = Workflow(name="odd", db=db, steps=[Step(name="odd", executor=odd)])
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("odd", session_id="s")
    stored = durable.get_last_run_output("s")

    assert run.content == "a\x00b\ud800c"
    assert stored
    assert stored.content == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("given", [{"session_id": "a\x00b"}, {"user_id": "a\x00b"}], ids=["session_id", "user_id"])
async def test_an_id_that_no_row_can_have_ends_the_run(
    bench: Bench, open_database: OpenDatabase, given: dict[str, str]
) -> None:
    workflow = Workflow(name="odd", db=open_database("SqliteDb"), steps=[Step(name="one", executor=lambda _: "one")])
    async with bench.worker(workflow):
        with pytest.raises(RunError, match="holds a NUL or a lone surrogate, which no database takes"):
            await asyncio.wait_for(bench.durable(workflow).arun("odd", **given), PATIENCE)


class Hostile:
    def __str__(self) -> str:
        raise ValueError("no text either")


def test_anything_becomes_json() -> None:
    given = {
        "hostile": {Hostile(): {Hostile()}},
        "type": int,
        "numbers": (1, {2}, math.inf),
        1: {True: Colour.RED, None: "a\x00"},
    }

    assert row_value(given, strict_text=True) == {
        "hostile": {"<Hostile>": ["<Hostile>"]},
        "type": "<class 'int'>",
        "numbers": [1, [2], "Infinity"],
        "1": {"true": "red", "null": "a\ufffd"},
    }


class Scan(BaseModel):
    number: int = Field(alias="no")
    raw: bytes


@pytest.mark.parametrize(("raw", "shown"), [(b"text", "text"), (b"\xff", "_w==")])
def test_a_model_is_named_by_its_fields_whatever_its_bytes(raw: bytes, shown: str) -> None:
    scan = Scan(no=1, raw=raw)

    assert row_value([scan], strict_text=True) == [{"number": 1, "raw": shown}]


def test_a_key_that_has_no_text_is_named_by_its_class() -> None:
    assert row_value({(10**5_000,): 1}, strict_text=True) == {"<tuple>": 1}


def test_what_is_nested_without_end_is_cut() -> None:
    loop: list[Any] = []
    loop.append(loop)

    assert "nested deeper than" in json.dumps(row_value(loop, strict_text=True))

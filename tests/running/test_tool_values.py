"""What a person gives to a tool's form: the tool is called with what agno would call it with, or the answer is refused
before anything changes."""

from __future__ import annotations

import datetime
import enum
import math
import uuid
from decimal import Decimal
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.tools import tool
from agno.workflow import Step, Workflow
from pydantic import BaseModel

from agno_temporal import DecisionRefused
from agno_temporal.agno_bridge.values import encode
from agno_temporal.hitl import RefusalCode, ToolAnswer
from tests.running.executor_scenes import answers
from tests.running.tools import event_counts, refusal_of, replays
from tests.support import Bench
from tests.tool_script import caller

Colour = enum.Enum("Colour", {"RED": "red"})
Size = enum.StrEnum("Size", {"LARGE": "large"})


class Order(BaseModel):
    id: int


def giving(annotation: Any) -> Workflow:
    def give(value: Any) -> str:
        """Gives."""
        return repr(value)

    give.__annotations__["value"] = annotation
    asks = tool(requires_user_input=True, user_input_fields=["value"])(give)
    return Workflow(name="giving", steps=[Step(name="ops", agent=caller([("give", {})], tools=[asks]))])


async def given(bench: Bench, annotation: Any, value: Any) -> Any:
    workflow = giving(annotation)
    async with bench.worker(workflow):
        durable = bench.durable(workflow)
        run = await durable.arun("go")
        run.step_requirements[0].executor_requirements[0].provide_user_input({"value": value})
        return (await durable.acontinue_run(run)).content


@pytest.mark.parametrize(
    ("annotation", "value", "called_with"),
    [
        (float, math.inf, "inf"),
        (float, math.nan, "nan"),
        (str, "half \ud800", repr("half \ud800")),
        (list, (1, 2), "[1, 2]"),
        (dict, {1: 2}, "{'1': 2}"),
        (Size, Size.LARGE, repr(Size.LARGE)),
        (datetime.date, "2024-05-01", "datetime.date(2024, 5, 1)"),
        (Order, {"id": 1}, "Order(id=1)"),
    ],
)
async def test_a_tool_is_called_with_what_json_says(
    bench: Bench, annotation: Any, value: Any, called_with: str
) -> None:
    assert await given(bench, annotation, value) == f"got {called_with}"


@pytest.mark.parametrize(
    ("annotation", "value", "called"),
    [
        (datetime.date, datetime.date(2024, 5, 1), "date"),
        (Colour, Colour.RED, "Colour"),
        (Order, Order(id=1), "Order"),
        (set[int], {1}, "set"),
        (bytes, b"x", "bytes"),
        (uuid.UUID, uuid.UUID(int=3), "uuid"),
        (Decimal, Decimal("1.1"), "decimal"),
        (dict, {"on": datetime.date(2024, 5, 1)}, "date"),
    ],
)
async def test_what_json_does_not_say_is_refused_by_the_field(
    bench: Bench, annotation: Any, value: Any, called: str
) -> None:
    with pytest.raises(DecisionRefused, match=rf"give \(Ops-0-0\): value: .* JSON, which has no {called}: give "):
        await given(bench, annotation, value)


async def test_a_refused_value_changes_nothing_and_the_next_answer_counts(bench: Bench) -> None:
    workflow = giving(datetime.date)
    async with bench.worker(workflow):
        run_id = await bench.start(workflow, "go")
        [asked] = await bench.paused(run_id)
        before = await event_counts(bench.client, run_id)
        bad = answers(asked, ToolAnswer(values={"value": encode(datetime.date(2024, 5, 1))}))
        refusal = await refusal_of(bench, run_id, bad)
        assert (refusal.code, refusal.fields) == (RefusalCode.INVALID_INPUT, ("Ops-0-0",))
        assert await event_counts(bench.client, run_id) == before
        await bench.runs.signal(run_id, bad)
        await bench.runs.decide(run_id, answers(asked, ToolAnswer(values={"value": "2024-05-02"})))
        run = await bench.ended(run_id)
        output = await bench.runs.run_output(run_id)

    assert (output.status, output.content) == (RunStatus.completed, "got datetime.date(2024, 5, 2)")
    assert ["which has no date" in note for note in run.refused] == [True]
    await replays(bench.client, run_id)

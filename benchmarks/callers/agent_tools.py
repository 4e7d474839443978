"""A step whose agent calls twenty tools, beside the same workflow in plain agno, with its SqliteDb.

The model is scripted and takes a fixed time for each answer, far less than a real one; so the overhead weighs more here
than it ever will. A second line has a model that takes no time at all: then the overhead is all that there is.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from agno.agent import Agent
from agno.db.base import BaseDb
from agno.db.sqlite import SqliteDb
from agno.models.base import Model
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.workflow import Step, Workflow

from benchmarks.harness.clock import seconds
from benchmarks.harness.pairs import interleaved
from benchmarks.harness.rows import Row, at_most, compare
from benchmarks.harness.scene import Scene

TITLE = "an agent step with 20 tool calls, beside plain agno"

CALLS = 20

MODEL_SECONDS = 0.05


def look_up(number: int) -> str:
    """The tool."""
    return f"found {number}"


@dataclass
class Caller(Model):
    """A model that calls a tool so many times, one after the other, and then answers."""

    id: str = "caller"
    provider: str | None = "benchmarks"
    calls: int = CALLS
    takes: float = 0.0

    def _answer(self, messages: list[Message]) -> ModelResponse:
        done = sum(message.role == "tool" for message in messages)
        if done >= self.calls:
            return ModelResponse(role="assistant", content="done")
        function = {"name": "look_up", "arguments": f'{{"number": {done}}}'}
        call = {"id": f"call-{done}", "type": "function", "function": function}
        return ModelResponse(role="assistant", tool_calls=[call])

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        time.sleep(self.takes)
        return self._answer(messages)

    async def ainvoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        await asyncio.sleep(self.takes)
        return self._answer(messages)

    def invoke_stream(self, messages: list[Message], **_: Any) -> Iterator[ModelResponse]:
        yield self.invoke(messages)

    async def ainvoke_stream(self, messages: list[Message], **_: Any) -> AsyncIterator[ModelResponse]:
        yield await self.ainvoke(messages)

    def _parse_provider_response(self, response: ModelResponse, **_: Any) -> ModelResponse:
        return response

    def _parse_provider_response_delta(self, response: ModelResponse) -> ModelResponse:
        return response


def researching(name: str, db: BaseDb, calls: int, takes: float) -> Workflow:
    """One step with such an agent."""
    agent = Agent(name="researcher", model=Caller(calls=calls, takes=takes), tools=[look_up])
    return Workflow(name=name, steps=[Step(name="research", agent=agent)], db=db)


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    calls, runs = scene.of(CALLS, 3), scene.times(3, 1)
    databases = itertools.count()

    def one(name: str, takes: float) -> Workflow:
        db = SqliteDb(db_file=str(scene.directory / f"{next(databases)}.db"))
        return researching(name, db, calls, takes)

    plain, quick_plain = one("plain", MODEL_SECONDS), one("quick-plain", 0.0)
    durable, quick_durable = one("durable", MODEL_SECONDS), one("quick-durable", 0.0)
    async with AsyncExitStack() as stack:
        side = await stack.enter_async_context(scene.ours(durable, quick_durable))

        async def of_agno(workflow: Workflow) -> list[float]:
            return [1_000 * await seconds(workflow.arun("a request")) for _ in range(runs)]

        async def of_ours(workflow: Workflow) -> list[float]:
            return [1_000 * await seconds(side.run(workflow, "a request")) for _ in range(runs)]

        contenders = {
            "agno": lambda: of_agno(plain),
            "ours": lambda: of_ours(durable),
            "agno, no model time": lambda: of_agno(quick_plain),
            "ours, no model time": lambda: of_ours(quick_durable),
        }
        measured = await interleaved(scene.pairs, contenders, ["agno", "agno, no model time"])
    without = "no model time"
    return [
        compare(f"a model of {1_000 * MODEL_SECONDS:.0f} ms", "ms", measured, "ours", "agno", at_most(1.05)),
        compare("a model that takes no time", "ms", measured, f"ours, {without}", f"agno, {without}"),
    ]

"""Whatever agno takes for a step's executor gives the same output, and is given the same input."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from agno.run import RunContext
from agno.run.workflow import CustomEvent
from agno.workflow import Step
from agno.workflow.types import StepInput, StepOutput, StepProgress
from pydantic import BaseModel

from tests.differential.blocks import agent, flow, named, says, team, tell, tells
from tests.differential.oracle import Oracle

pytestmark = pytest.mark.sweep


def function(step_input: StepInput) -> str:
    return f"after {step_input.previous_step_content}"


async def async_function(step_input: StepInput) -> str:
    return f"after {step_input.previous_step_content}"


def generator(step_input: StepInput) -> Iterator[Any]:
    yield "one "
    yield StepProgress(message="half way")
    yield 2


def generator_of_an_output(step_input: StepInput) -> Iterator[Any]:
    yield "lost"
    yield StepOutput(content="kept")
    yield "never reached"


async def async_generator(step_input: StepInput) -> AsyncIterator[Any]:
    yield "one "
    yield 2


async def async_generator_of_an_output(step_input: StepInput) -> AsyncIterator[Any]:
    yield "lost"
    yield StepOutput(content="kept", success=False)


@dataclass
class Found(CustomEvent):
    """An event of the user's own: shown to whoever streams, and no part of the content."""

    created_at: int = 0
    page: int = 0


def generator_of_events(step_input: StepInput) -> Iterator[Any]:
    yield Found(page=1)
    yield "one "
    yield Found(page=2)
    yield StepOutput(content="kept")


async def async_generator_of_events(step_input: StepInput) -> AsyncIterator[Any]:
    yield Found(page=1)
    yield "one "
    yield Found(page=2)


def empty_generator(step_input: StepInput) -> Iterator[Any]:
    yield from ()


async def async_with_context(step_input: StepInput, run_context: RunContext) -> str:
    return tell(step_input, run_context)


def with_more(step_input: StepInput, more: str) -> str:
    return f"{more} after {step_input.previous_step_content}"


def with_unknown_parameter(step_input: StepInput, session_state: dict[str, Any]) -> str:
    return "never reached"


class Callable_:
    def __call__(self, step_input: StepInput) -> str:
        return "an object"

    def method(self, step_input: StepInput) -> str:
        return "a method"


class AsyncCallable:
    async def __call__(self, step_input: StepInput) -> str:
        return "an asynchronous object"


class Verdict(BaseModel):
    mark: int
    text: str


FUNCTIONS = {
    "function": function,
    "async function": async_function,
    "generator": generator,
    "generator of an output": generator_of_an_output,
    "generator of events of its own": generator_of_events,
    "async generator of events of its own": async_generator_of_events,
    "empty generator": empty_generator,
    "async generator": async_generator,
    "async generator of an output": async_generator_of_an_output,
    "function with run_context": tell,
    "async function with run_context": async_with_context,
    "lambda": lambda step_input: "a lambda",
    "partial": partial(with_more, more="more"),
    "bound method": Callable_().method,
    "callable object": Callable_(),
    "async callable object": AsyncCallable(),
    "function with a parameter that agno does not know": with_unknown_parameter,
}

EXECUTORS = {
    "bare function": lambda: function,
    "bare async function": lambda: async_function,
    "bare generator": lambda: generator,
    "bare lambda": lambda: lambda step_input: "a lambda",
    "renamed function": lambda: named(lambda step_input: "x", "renamed"),
    "agent": lambda: Step(name="subject", agent=agent()),
    "agent without a name": lambda: Step(name="subject", agent=agent(None, id="nobody")),
    "bare agent": lambda: agent("Bare", description="an agent"),
    "bare agent without a name": lambda: agent(None, id="nobody"),
    "agent with an id": lambda: agent("Ann", id="ann-1"),
    "team": lambda: Step(name="subject", team=team()),
    "bare team": lambda: team(),
    "nested workflow": lambda: Step(name="subject", workflow=flow(says("inner"), id="nested")),
    "bare nested workflow": lambda: flow(tells("inner"), agent(), id="nested"),
    "step with an id of the user's": lambda: Step(name="subject", executor=function, step_id="my-own-id"),
    "agent step with an id of the user's": lambda: Step(name="subject", agent=agent(), step_id="my-own-id"),
}


@pytest.mark.parametrize("executor", FUNCTIONS.values(), ids=FUNCTIONS)
async def test_a_step_of_a_function(oracle: Oracle, executor: Any) -> None:
    await oracle.agrees(lambda: flow(says("first"), Step(executor=executor, max_retries=0), tells()), "go")


@pytest.mark.parametrize("make", EXECUTORS.values(), ids=EXECUTORS)
async def test_a_step_after_another(oracle: Oracle, make: Any) -> None:
    await oracle.agrees(lambda: flow(says("first"), make(), tells()), "go")


@pytest.mark.parametrize("make", EXECUTORS.values(), ids=EXECUTORS)
async def test_a_step_alone(oracle_with_db: Oracle, make: Any) -> None:
    await oracle_with_db.agrees(lambda: flow(make()), "go")


async def test_an_agent_is_asked_for_the_last_content_not_the_input(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(agent("Ann"), agent("Ben")), "go")
    assert seen.stops[-1]["content"] == "Ben (Ann (go))"


async def test_an_empty_content_gives_the_next_agent_the_runs_input(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(says("first", ""), agent("Ben")), "go")
    assert seen.stops[-1]["content"] == "Ben (go)"


async def test_executor_runs_are_left_out_where_the_workflow_keeps_none(oracle: Oracle) -> None:
    seen = await oracle.agrees(lambda: flow(agent(), store_executor_outputs=False), "go")
    assert seen.stops[-1]["step_executor_runs"] is None

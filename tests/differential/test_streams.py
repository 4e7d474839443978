"""The events of steps, agents, teams and functions: the same, in the same order, with the same fields as agno's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from agno.run.agent import CustomEvent, RunContentEvent
from agno.run.team import CustomEvent as TeamCustomEvent
from agno.run.workflow import CustomEvent as WorkflowCustomEvent
from agno.workflow import HumanReview, Step, Workflow
from agno.workflow.types import StepInput, StepOutput, StepProgress
from pydantic import BaseModel

from tests.differential.blocks import agent, fails, flow, says, team, tells
from tests.differential.streams import StreamOracle
from tests.support import Bench


@dataclass
class Scored(CustomEvent):
    """An event of the user's own."""

    score: int = 0


class Verdict(BaseModel):
    mark: int


def generator(step_input: StepInput) -> Iterator[Any]:
    yield "one "
    yield StepProgress(content="half way", data={"done": 1})
    yield RunContentEvent(content="two ")
    yield Scored(score=3)
    yield 4


def open_events(step_input: StepInput) -> Iterator[Any]:
    yield CustomEvent(who="an agent", seen={"at": 1})
    yield TeamCustomEvent(who="a team")
    yield WorkflowCustomEvent(who="a workflow")
    yield "said"


async def async_generator(step_input: StepInput) -> AsyncIterator[Any]:
    yield "one "
    yield StepProgress(content="half way")
    yield RunContentEvent(content="two")


def generator_of_an_output(step_input: StepInput) -> Iterator[Any]:
    yield StepProgress(content="begun")
    yield StepOutput(content="kept")
    yield "never reached"


class Saying:
    """A generator that is an object: it has no `__name__`, and agno takes its `name`, if it has one, for the step's
    executor's."""

    def __call__(self, step_input: StepInput) -> Iterator[Any]:
        yield "one "


class SayingByName(Saying):
    name = "by its name"


class AsyncSaying:
    async def __call__(self, step_input: StepInput) -> AsyncIterator[Any]:
        yield "one "


def structured(step_input: StepInput) -> StepOutput:
    return StepOutput(content=Verdict(mark=1))


def reports_failure(step_input: StepInput) -> StepOutput:
    return StepOutput(content="no", success=False, error="it did not work")


STEPS = {
    "functions": lambda: flow(says("a"), tells("b")),
    "a step without a name": lambda: flow(says(None), says("b")),
    "a structured output": lambda: flow(Step(name="s", executor=structured), tells()),
    "generator": lambda: flow(Step(name="g", executor=generator), tells()),
    "async generator": lambda: flow(Step(name="g", executor=async_generator), tells()),
    "generator of an output": lambda: flow(Step(name="g", executor=generator_of_an_output), tells()),
    "generator in a partial": lambda: flow(Step(name="g", executor=partial(generator)), tells()),
    "generator object": lambda: flow(Step(name="g", executor=Saying()), tells()),
    "generator object with a name": lambda: flow(Step(name="g", executor=SayingByName()), tells()),
    "async generator object": lambda: flow(Step(name="g", executor=AsyncSaying()), tells()),
    "agent": lambda: flow(says("a"), agent("Ann"), says("z")),
    "agent in a step": lambda: flow(Step(name="asks", agent=agent("Ann"), step_id="my-own-id"), says("z")),
    "team": lambda: flow(team("Crew"), says("z")),
    "stop": lambda: flow(says("a"), says("stops", stop=True), says("never")),
    "a failure that is skipped": lambda: flow(says("a"), fails("f"), tells()),
    "a failure that skip_on_failure skips": lambda: flow(says("a"), fails("f", skip_on_failure=True), tells()),
    "a failure that ends the run": lambda: flow(says("a"), fails("f", human_review=HumanReview(on_error="fail"))),
    "a reported failure": lambda: flow(Step(name="r", executor=reports_failure), tells()),
    "a reported failure that ends the run": lambda: flow(
        Step(name="r", executor=reports_failure, human_review=HumanReview(on_error="fail")), tells()
    ),
    "executor events off": lambda: flow(
        says("a"), agent("Ann"), Step(name="g", executor=generator), stream_executor_events=False
    ),
}


@pytest.fixture
def streams(client: Any) -> StreamOracle:
    return StreamOracle(client)


@pytest.mark.parametrize("stream_events", [True, False], ids=["events", "content"])
@pytest.mark.parametrize("make", STEPS.values(), ids=STEPS)
async def test_the_events_of(streams: StreamOracle, make: Any, stream_events: bool) -> None:
    await streams.agrees(make, "go", stream_events=stream_events)


async def test_the_events_of_a_workflow_without_steps(streams: StreamOracle) -> None:
    """agno has not stopped its clock when it tells of the end."""
    await streams.agrees(lambda: flow(), "go", ignoring=("metrics",))


async def test_the_events_of_a_function_in_the_place_of_the_steps(streams: StreamOracle) -> None:
    await streams.agrees(lambda: Workflow(name="subject", steps=lambda: "done"), "go", ignoring=("metrics",))


async def test_the_open_events_of_agno(bench: Bench) -> None:
    """They have not all of their fields, so that they cannot be compared as the others are."""

    async def seen(subject: Workflow) -> list[Any]:
        events = [event async for event in subject.arun("go", stream=True, session_id="s")]
        return [(type(event), event.event, getattr(event, "seen", None), event.who) for event in events[1:4]]

    workflow = flow(Step(name="g", executor=open_events))
    workflow.telemetry = False
    async with bench.worker(workflow):
        ours = await seen(bench.durable(workflow))
    assert ours == await seen(workflow)

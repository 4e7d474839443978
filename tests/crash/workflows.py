"""Workflows that write down what they do. The input of each run is its journal's directory."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from agno.agent import Agent
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.tools import tool
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview, StepInput

from agno_temporal import AgnoPlugin, StepOptions
from tests.crash.journal import HELD_FOR, Journal
from tests.tool_script import ToolScript

QUICK = StepOptions(heartbeat_timeout=2.0, retry_initial_interval=0.05)


def noted(name: str) -> Callable[[StepInput], str]:
    """A step that does its work at once."""

    def run(step_input: StepInput) -> str:
        journal = Journal(step_input.input)
        journal.write("began")
        journal.write("ended")
        return f"{name}, after {step_input.previous_step_content}"

    return run


def held(name: str, until: str = "all") -> Callable[[StepInput], str]:
    """A step that is at work until the journal releases it."""

    def run(step_input: StepInput) -> str:
        journal = Journal(step_input.input)
        journal.write("began")
        deadline = time.monotonic() + HELD_FOR
        while not journal.is_released(until) and time.monotonic() < deadline:
            time.sleep(0.02)
        journal.write("ended")
        return f"{name}, after {step_input.previous_step_content}"

    return run


def held_async(name: str) -> Callable[[StepInput], Any]:
    async def run(step_input: StepInput) -> str:
        journal = Journal(step_input.input)
        journal.write("began")
        await journal.released()
        journal.write("ended")
        return f"{name}, after {step_input.previous_step_content}"

    return run


def step(name: str, executor: Callable[..., Any], **settings: Any) -> Step:
    """Without a single retry: a lost worker must not need one."""
    return Step(name=name, executor=executor, **{"max_retries": 0, **settings})


def confirmed(**settings: Any) -> HumanReview:
    return HumanReview(requires_confirmation=True, **settings)


def plugin(*steps: Any, options: StepOptions = QUICK, **step_options: StepOptions) -> AgnoPlugin:
    workflow = Workflow(name="noted", steps=list(steps))
    return AgnoPlugin([workflow], options=options, step_options={"noted": step_options})


def three(queue: str) -> AgnoPlugin:
    return plugin(step("a", noted("a")), step("b", held("b")), step("c", noted("c")))


def three_async(queue: str) -> AgnoPlugin:
    return plugin(step("a", noted("a")), step("b", held_async("b")), step("c", noted("c")))


def second_elsewhere(queue: str) -> AgnoPlugin:
    return plugin(step("a", noted("a")), step("b", noted("b")), b=StepOptions(task_queue=f"{queue}-b"))


def gate(queue: str) -> AgnoPlugin:
    return plugin(step("a", noted("a")), step("b", held("b"), human_review=confirmed()), step("c", noted("c")))


def branches(queue: str) -> AgnoPlugin:
    both = Parallel(step("left", held("left")), step("right", held("right")), step("done", noted("done")), name="both")
    return plugin(step("a", noted("a")), both, step("c", noted("c")))


def default_heartbeat(queue: str) -> AgnoPlugin:
    return plugin(step("a", noted("a")), step("b", held("b")), options=StepOptions())


def fails_and_hangs(queue: str) -> AgnoPlugin:
    """Fails, except in its third attempt, which hangs until it is killed."""

    def run(step_input: StepInput) -> str:
        journal = Journal(step_input.input)
        journal.write("began")
        if len(journal.lines("began")) == 3:
            time.sleep(HELD_FOR)
        journal.write("failed")
        raise ValueError(f"failure {len(journal.lines('failed'))}")

    return plugin(step("a", run, max_retries=3, human_review=HumanReview(on_error="fail")))


def slow_then_quick(queue: str) -> AgnoPlugin:
    """The first attempt is given one second and takes two and a half."""

    def run(step_input: StepInput) -> str:
        journal = Journal(step_input.input)
        journal.write("began")
        if len(journal.lines("began")) == 1:
            time.sleep(2.5)
        journal.write("ended")
        return "done"

    return plugin(step("a", run), options=StepOptions(start_to_close_timeout=1.0, heartbeat_timeout=0.9))


def twelve(queue: str) -> AgnoPlugin:
    """Steps of a tenth of a second, for kills at any moment."""

    def run(step_input: StepInput) -> str:
        journal = Journal(step_input.input)
        journal.write("began")
        time.sleep(0.1)
        journal.write("ended")
        return str(int(step_input.previous_step_content or 0) + 1)

    return plugin(*(step(f"s{index}", run) for index in range(12)))


def twelve_in_four_parts(queue: str) -> AgnoPlugin:
    """Steps that do their work at once, but three of them, which are at work until the journal releases each: what is
    killed meanwhile is killed while the run goes on, however slow the machine."""
    until = {2: "second", 5: "third", 9: "fourth"}
    executors = [held(f"s{index}", until[index]) if index in until else noted(f"s{index}") for index in range(12)]
    return plugin(*(step(f"s{index}", executor) for index, executor in enumerate(executors)))


def exits(queue: str) -> AgnoPlugin:
    def run(step_input: StepInput) -> str:
        Journal(step_input.input).write("began")
        sys.exit(3)

    return plugin(step("a", run, human_review=HumanReview(on_error="fail")))


def exits_async(queue: str) -> AgnoPlugin:
    async def run(step_input: StepInput) -> str:
        Journal(step_input.input).write("began")
        sys.exit(3)

    return plugin(step("a", run, human_review=HumanReview(on_error="fail")))


def cancels_itself(queue: str) -> AgnoPlugin:
    async def run(step_input: StepInput) -> str:
        Journal(step_input.input).write("began")
        raise asyncio.CancelledError("of its own")

    return plugin(step("a", run, human_review=HumanReview(on_error="fail")))


def dies(queue: str) -> AgnoPlugin:
    def run(step_input: StepInput) -> str:
        Journal(step_input.input).write("began")
        os._exit(1)

    return plugin(step("a", run))


class JournalCaller(ToolScript):
    """Looks, then works, in the journal whose directory it is given as its message."""

    def invoke(self, messages: list[Message], **_: Any) -> ModelResponse:
        given = {"directory": next(str(message.content) for message in messages if message.role == "user")}
        return ToolScript(id=self.id, turns=[[("look", given), ("work", given)]]).invoke(messages)


@tool
def look(directory: str) -> str:
    """Runs before the pause, in the same turn."""
    Journal(directory).write("looked")
    return "seen"


@tool(requires_confirmation=True)
def work(directory: str) -> str:
    """Is at work until the journal releases it."""
    journal = Journal(directory)
    journal.write("began")
    deadline = time.monotonic() + HELD_FOR
    while not journal.is_released() and time.monotonic() < deadline:
        time.sleep(0.02)
    journal.write("ended")
    return "worked"


def pausing_agent(queue: str) -> AgnoPlugin:
    agent = Agent(name="Ops", model=JournalCaller(), tools=[look, work], telemetry=False)
    return plugin(Step(name="a", agent=agent, max_retries=0), step("b", noted("b")))


def elsewhere(queue: str) -> AgnoPlugin:
    """A step that runs on workers of its own, and a gate behind it."""
    review = HumanReview(requires_confirmation=True, timeout=3600, on_timeout="cancel")
    steps = [Step(name="held", executor=held("held")), Step(name="gate", executor=noted("gate"), human_review=review)]
    apart = StepOptions(heartbeat_timeout=2.0, task_queue=f"{queue.removesuffix('-steps')}-steps")
    return AgnoPlugin([Workflow(name="noted", steps=steps)], step_options={"noted": {"held": apart}})

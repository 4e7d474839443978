"""What an agent says is shown while it speaks, and not again once it is durable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from agno.agent import Agent
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.workflow import Parallel, Step
from agno.workflow.types import StepInput, StepProgress

from agno_temporal.activities.broadcast import BROADCAST
from examples.scripted_model import ScriptedModel
from tests.differential.blocks import agent, flow, says
from tests.support import PATIENCE, Bench, eventually


class SlowModel(ScriptedModel):
    """Says one word, and the rest when it may."""

    def __init__(self, release: asyncio.Event) -> None:
        super().__init__(task="Slow")
        self.release = release

    async def ainvoke_stream(self, messages: list[Message], **_: Any) -> AsyncIterator[ModelResponse]:
        first, *rest = self.invoke_stream(messages)
        yield first
        await self.release.wait()
        for chunk in rest:
            yield chunk


async def test_pieces_are_shown_before_the_step_is_done(bench: Bench) -> None:
    release = asyncio.Event()
    workflow = flow(says("a"), Agent(name="Ann", model=SlowModel(release), telemetry=False), says("z"))
    names: list[str] = []
    async with bench.worker(workflow):
        async for event in bench.durable(workflow).arun("go", stream=True, stream_events=True):
            names.append(event.event)
            if event.event == "RunContent":
                release.set()
        plain = [event.event async for event in workflow.arun("go", stream=True, stream_events=True)]
    assert names == plain


async def test_previews_have_no_numbers_and_numbers_have_no_gaps(bench: Bench) -> None:
    workflow = flow(agent("Ann"))
    async with bench.worker(workflow):
        run_id = bench.task_queue
        async for _ in bench.durable(workflow).arun("go", stream=True, stream_events=True, run_id=run_id):
            pass
        numbers = [number async for number, _ in bench.runs.events(run_id, previews=True)]
    assert numbers == list(range(len(numbers)))


async def test_branches_speak_at_the_same_time(bench: Bench) -> None:
    release = asyncio.Event()
    speakers = [Agent(name=name, model=SlowModel(release), telemetry=False) for name in ("Ann", "Ben")]
    workflow = flow(Parallel(*speakers, name="both"))
    heard: list[str] = []
    async with bench.worker(workflow):
        async for event in bench.durable(workflow).arun("go", stream=True):
            if event.event == "RunContent":
                heard.append(event.agent_name)
                if {"Ann", "Ben"} <= set(heard):
                    release.set()
    assert sorted(heard) == ["Ann"] * 2 + ["Ben"] * 2
    assert set(heard[:2]) == {"Ann", "Ben"}


async def test_an_attempt_that_fails_is_previewed_and_what_counts_is_the_last_one(bench: Bench) -> None:
    attempts: list[int] = []
    heard = asyncio.Event()

    async def tries(step_input: StepInput) -> AsyncIterator[Any]:
        attempts.append(1)
        yield StepProgress(content=f"attempt {len(attempts)}")
        await asyncio.wait_for(heard.wait(), PATIENCE)
        if len(attempts) == 1:
            raise ValueError("not yet")
        yield "done"

    workflow = flow(Step(name="s", executor=tries))
    async with bench.worker(workflow):
        run_id = bench.task_queue
        stream = bench.durable(workflow).arun("go", stream=True, stream_events=True, run_id=run_id)
        seen = []
        async for event in stream:
            if event.event == "StepProgress":
                seen.append(event.content)
                heard.set()
        kept = [event.content async for _, event in bench.runs.events(run_id) if event.event == "StepProgress"]
    assert seen == ["attempt 1", "attempt 2"]
    assert kept == ["attempt 2"]


async def test_nothing_of_a_step_is_held_once_it_is_done(bench: Bench) -> None:
    workflow = flow(agent("Ann"))
    async with bench.worker(workflow):
        async for _ in bench.durable(workflow).arun("go", stream=True, run_id=bench.task_queue):
            pass

        async def forgotten() -> bool:
            return BROADCAST.saying(bench.task_queue, "0#1") is None

        await eventually("the step to be forgotten", forgotten)

"""What an agent says is shown while it speaks, and not again once it is durable."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

from agno.agent import Agent
from agno.models.message import Message
from agno.models.response import ModelResponse
from agno.workflow import Loop, Parallel, Step, Workflow
from agno.workflow.types import StepInput, StepProgress
from google.protobuf.duration_pb2 import Duration
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.broadcast import BROADCAST, run_of
from agno_temporal.contract.events import EventPage
from agno_temporal.follow.previews import Previews
from agno_temporal.plan.data import from_json
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
            return BROADCAST.saying(run_of(bench.client, bench.task_queue), "0#1") is None

        await eventually("the step to be forgotten", forgotten)


async def test_a_run_of_another_namespace_that_is_called_the_same_is_not_heard(bench: Bench) -> None:
    other = Bench(await namespace_of_its_own(bench.client), bench.task_queue)
    began, told, release = asyncio.Event(), asyncio.Event(), asyncio.Event()
    heard: list[str | None] = []

    async def theirs(step_input: StepInput) -> AsyncIterator[Any]:
        yield StepProgress(content="theirs")
        told.set()
        await release.wait()
        yield "done"

    async def mine(step_input: StepInput) -> AsyncIterator[Any]:
        began.set()
        await told.wait()
        yield StepProgress(content="mine")
        await release.wait()
        yield "done"

    async def follow(of: Bench, workflow: Workflow, progress: list[str | None]) -> None:
        async for event in of.durable(workflow).arun("go", stream=True, stream_events=True, run_id="order-42"):
            if event.event == "StepProgress":
                progress.append(event.content)
                release.set()

    workflows = [flow(Step(name="talks", executor=talks)) for talks in (mine, theirs)]
    async with bench.worker(workflows[0]), other.worker(workflows[1]):
        following = asyncio.ensure_future(follow(bench, workflows[0], heard))
        await began.wait()
        await asyncio.gather(following, follow(other, workflows[1], []))
    assert heard == ["mine"]


async def namespace_of_its_own(client: Client) -> Client:
    """A client of a namespace that nobody else has."""
    name = f"other-{uuid.uuid4().hex[:8]}"
    kept = Duration(seconds=24 * 3600)
    request = RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=kept)
    await client.workflow_service.register_namespace(request)
    other = await Client.connect(client.service_client.config.target_host, namespace=name)

    async def known() -> bool:
        """The server's parts hear of a namespace one after the other."""
        try:
            await other.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(namespace=name, task_queue=TaskQueue(name="any"))
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    await eventually(f"namespace {name}", known)
    return other


async def test_a_reader_who_left_and_closed_the_loop_does_not_break_the_step(bench: Bench) -> None:
    release = asyncio.Event()
    model = SlowModel(release)
    workflow = flow(Agent(name="Ann", model=model, telemetry=False))
    run = run_of(bench.client, bench.task_queue)
    async with bench.worker(workflow):
        with BROADCAST.listening(run) as listener:
            run_id = await bench.start(workflow, "go", run_id=bench.task_queue, stream=True)
            await asyncio.wait_for(listener.heard(), PATIENCE)
            listener._loop = asyncio.new_event_loop()
            listener._loop.close()
            release.set()
            await bench.ended(run_id)
        output = await bench.runs.run_output(run_id)
    assert output.step_results[0].success, output.content


async def test_of_what_failed_or_waits_nothing_is_kept(bench: Bench) -> None:
    """A reader may follow a loop of thousands of steps, of which none says that it is done."""

    def fails(step_input: StepInput) -> str:
        raise ValueError("out of honey")

    failing = Step(name="fails", executor=fails, max_retries=0, skip_on_failure=True)
    workflow = flow(Loop(steps=[failing], name="again", max_iterations=5), says("z"))
    async with bench.worker(workflow):
        run = await bench.durable(workflow).arun("go")
        page = from_json(EventPage, await bench.client.get_workflow_handle(run.run_id).query("events"))
    with BROADCAST.listening(run_of(bench.client, run.run_id)) as listener:
        previews = Previews(listener)
        previews.skips(page)
    assert len([event for event in page.events if event.kind == "StepStarted"]) == 6
    assert len(previews._steps) <= 1

"""The event stream of a process: durable runs from Temporal, and everybody else's from the stream that was there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from agno.os.event_streams import BaseEventStream, InMemoryEventStream, get_event_stream, set_event_stream
from agno.os.managers import EventsBuffer, SSESubscriberManager
from agno.run.agent import RunStartedEvent
from agno.run.base import RunStatus

from agno_temporal.agentos.doors import open_only
from agno_temporal.agentos.event_stream import RunEvents, install
from agno_temporal.client import RunClient
from tests.running.scenes import scene
from tests.support import Bench


@pytest.fixture
def own() -> Iterator[BaseEventStream]:
    """A stream of this test's own as that of the process."""
    before = get_event_stream()
    own = InMemoryEventStream(EventsBuffer(), SSESubscriberManager())
    set_event_stream(own)
    yield own
    set_event_stream(before)


async def test_an_agents_run_stays_where_it_was(bench: Bench, own: BaseEventStream) -> None:
    install(bench.runs)
    stream = get_event_stream()
    assert isinstance(stream, RunEvents)
    run_id = str(uuid.uuid4())
    await stream.register_run(run_id)
    await stream.set_run_status(run_id, RunStatus.running)
    assert await stream.add_event(run_id, RunStartedEvent(run_id=run_id)) == 0
    assert await own.get_run_status(run_id) == await stream.get_run_status(run_id) == RunStatus.running
    assert [number for number, _ in await stream.replay(run_id)] == [0]
    await stream.complete_run(run_id, RunStatus.completed)
    assert [number async for number, _ in stream.tail(run_id)] == [0]


async def test_a_durable_run_is_read_from_temporal_whatever_is_written(bench: Bench, own: BaseEventStream) -> None:
    install(bench.runs)
    stream = get_event_stream()
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        open_only((bench.runs, at.workflow.name))
        assert await stream.get_run_status(run_id) == RunStatus.paused
        await stream.complete_run(run_id, RunStatus.completed)
        assert not await stream.reopen_run(run_id)
        assert await stream.get_run_status(run_id) == RunStatus.paused
        assert await stream.get_last_index(run_id) == await stream.get_event_count(run_id) - 1
    assert await own.get_run_status(run_id) is None


async def test_a_queue_has_one_stream(bench: Bench, own: BaseEventStream) -> None:
    install(bench.runs)
    first = get_event_stream()
    install(Bench(bench.client, bench.task_queue).runs)
    assert get_event_stream() is first
    assert isinstance(first, RunEvents)
    assert first.others is own


async def test_two_queues_have_a_stream_each(bench: Bench, own: BaseEventStream) -> None:
    other = Bench(bench.client, f"{bench.task_queue}-other")
    install(bench.runs)
    install(other.runs)
    at = scene(requires_confirmation=True)
    for one in (bench, other):
        async with one.worker(at.workflow):
            run_id = await one.start(at.workflow)
            await one.paused(run_id)
            open_only((one.runs, at.workflow.name))
            assert await get_event_stream().get_run_status(run_id) == RunStatus.paused
            assert len(await get_event_stream().replay(run_id)) > 1


async def test_what_nobody_knows_has_no_status(bench: Bench, own: BaseEventStream) -> None:
    install(bench.runs)
    open_only((bench.runs, "deploy"))
    assert await get_event_stream().get_run_status(str(uuid.uuid4())) is None


async def test_where_no_workflow_is_asked_for_nothing_is_asked_of_temporal(bench: Bench, own: BaseEventStream) -> None:
    nobody: Any = None
    install(RunClient(nobody, bench.task_queue))
    assert await get_event_stream().get_run_status(str(uuid.uuid4())) is None

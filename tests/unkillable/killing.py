"""A run that is disturbed at events of its history.

The history is followed by a long poll, as an onlooker: the kill comes as soon as the event is known to be written, a
few milliseconds later at most. Events of one transaction are written together, so that a kill at the first of them is
one at the last.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import httpx
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tests.crash.journal import Journal
from tests.unkillable.reviewer import PATIENCE, Reviewer
from tests.unkillable.workflows import SUBJECTS
from tests.unkillable.world import Victim, World

Moment = Callable[[int, HistoryEvent], bool]
"""Whether a kill is due at this event, which is the so-manieth of the run."""


def at_event(number: int) -> Moment:
    return lambda count, event: count >= number


def at_first(kind: str) -> Moment:
    return lambda count, event: kind_of(event) == kind


def kind_of(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")


def seconds(event: HistoryEvent) -> float:
    """When an event was written."""
    return event.event_time.ToMicroseconds() / 1e6


@dataclass(frozen=True)
class Blow:
    """Whom to kill, and when: so many seconds after an event; or once a step has begun after it."""

    victim: Victim
    moment: Moment
    later: float = 0.0
    step: str | None = None


@dataclass(frozen=True)
class Kill:
    """When a victim died, and after how many events: all, if the moment never came."""

    victim: Victim
    at: float
    count: int
    is_due: bool


@dataclass(frozen=True)
class Ended:
    """A run that is over: its reviewer, its history, and when the reviewer knew that it was over."""

    reviewer: Reviewer
    history: list[HistoryEvent]
    at: float
    kills: list[Kill]


async def drive(world: World, http: httpx.AsyncClient, subject: str, blows: Sequence[Blow] = ()) -> Ended:
    """A run from its start to its end. Whoever is killed meanwhile is started again at once."""
    run_id = f"{subject}-{uuid.uuid4()}"
    directory = world.directory / run_id
    directory.mkdir()
    Journal(directory).release()
    reviewer = Reviewer(http, subject, run_id, str(directory))
    await world.continues_after(SUBJECTS[subject].continue_after)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        killing = group.create_task(_kill(world, run_id, blows))
        group.create_task(reviewer.drive())
    at = time.time()
    history = [event async for event in _history(world.client, run_id)]
    return Ended(reviewer, history, at, killing.result())


async def _kill(world: World, run_id: str, blows: Sequence[Blow]) -> list[Kill]:
    kills = []
    for blow in blows:
        count, is_due = 0, False
        async for event in _history(world.client, run_id):
            count += 1
            if is_due := blow.moment(count, event):
                break
        await asyncio.sleep(blow.later)
        if blow.step is not None:
            await Journal(world.directory / run_id).seen("began", blow.step)
        kills.append(Kill(blow.victim, world.kill(blow.victim), count, is_due))
        await world.revive(blow.victim)
    return kills


async def _history(client: Client, run_id: str) -> AsyncIterator[HistoryEvent]:
    """The events of a run that may not be there yet, as they are written, over all of its Temporal runs."""
    execution = await _first(client, run_id)
    while execution:
        handle = client.get_workflow_handle(run_id, run_id=execution)
        execution = ""
        async for event in handle.fetch_history_events(wait_new_event=True):
            yield event
            execution = event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id


async def _first(client: Client, run_id: str) -> str:
    while True:
        try:
            async for event in client.get_workflow_handle(run_id).fetch_history_events(page_size=1):
                return event.workflow_execution_started_event_attributes.first_execution_run_id
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        await asyncio.sleep(0.005)

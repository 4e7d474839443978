"""A run that is disturbed once, at one event of its history.

The history is followed by a long poll, as an onlooker: the kill comes as soon as the event is known to be written, a
few milliseconds later at most. Events of one transaction are written together, so that a kill at the first of them is
one at the last.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tests.crash.journal import Journal
from tests.unkillable.reviewer import Reviewer
from tests.unkillable.world import Victim, World

PATIENCE = 120.0
"""Seconds for a run that takes two."""

Moment = Callable[[HistoryEvent], bool]
"""Whether a kill is due at this event."""


def at_event(number: int) -> Moment:
    return lambda event: event.event_id >= number


def at_first(kind: str) -> Moment:
    return lambda event: kind_of(event) == kind


def kind_of(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")


@dataclass(frozen=True)
class Kill:
    """When a victim died, and at which event: the last one, if the moment never came."""

    victim: Victim
    at: float
    event: HistoryEvent
    is_due: bool


@dataclass(frozen=True)
class Ended:
    """A run that is over: its reviewer, its history, and when the reviewer knew that it was over."""

    reviewer: Reviewer
    history: list[HistoryEvent]
    at: float
    kill: Kill | None


async def drive(world: World, http: httpx.AsyncClient, subject: str) -> Ended:
    """A run that nothing disturbs."""
    reviewer = _reviewer(world, http, subject)
    async with asyncio.timeout(PATIENCE):
        await reviewer.drive()
    return await _ended(world, reviewer, None)


async def disturb(world: World, http: httpx.AsyncClient, subject: str, victim: Victim, moment: Moment) -> Ended:
    """A run whose victim is killed at a moment, and started again at once."""
    reviewer = _reviewer(world, http, subject)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        killing = group.create_task(_kill(world, reviewer.run_id, victim, moment))
        group.create_task(reviewer.drive())
    return await _ended(world, reviewer, killing.result())


def _reviewer(world: World, http: httpx.AsyncClient, subject: str) -> Reviewer:
    run_id = f"{subject}-{uuid.uuid4()}"
    directory = world.directory / run_id
    directory.mkdir()
    Journal(directory).release()
    return Reviewer(http, subject, run_id, str(directory))


async def _kill(world: World, run_id: str, victim: Victim, moment: Moment) -> Kill:
    async for event in _history(world.client, run_id):
        if is_due := moment(event):
            break
    kill = Kill(victim, world.kill(victim), event, is_due)
    await world.revive(victim)
    return kill


async def _history(client: Client, run_id: str) -> AsyncIterator[HistoryEvent]:
    """The events of a run that may not be there yet, as they are written."""
    while True:
        try:
            async for event in client.get_workflow_handle(run_id).fetch_history_events(wait_new_event=True):
                yield event
            return
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await asyncio.sleep(0.005)


async def _ended(world: World, reviewer: Reviewer, kill: Kill | None) -> Ended:
    at = time.time()
    history = await world.client.get_workflow_handle(reviewer.run_id).fetch_history()
    return Ended(reviewer, list(history.events), at, kill)

"""AgentOS' event stream for durable runs: read from Temporal, in any process, under the run's own numbers.

agno keeps what passed through a process in that process, an hour long, and numbers it there. After a restart, or behind
another server, the same client reads a status that is hours old, or nothing. Here nothing is kept: every answer is the
run's own, so that whoever has seen number 7 goes on at 8, wherever it asks and whatever was killed meanwhile.

There is one stream in a process, and agents and teams have runs too. So what is not a durable run of this client, of
the workflow whose route was called (`doors`), is left to the stream that was there before, be it agno's own, Redis, or
one for another Temporal namespace or queue.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from contextvars import ContextVar
from typing import Any, Final

from agno.os.event_streams import BaseEventStream, get_event_stream, set_event_stream
from agno.run.base import RunStatus

from agno_temporal.agentos.doors import opened, reach_the_same
from agno_temporal.agentos.frames import frame, pause_of
from agno_temporal.client import RunClient, RunNotFound

REMEMBERED: Final = 10_000
"""Runs whose workflow is known without asking Temporal."""

_PAUSE_TOLD: Final[ContextVar[tuple[str, int] | None]] = ContextVar("agno_temporal_pause_told", default=None)
"""The run of which a replay has just told the caller what it asks, and behind which number. A route that was told that
the run goes on asks for both: what there is, and then what follows (agno/os/routers/workflows/router.py:1519-1557).
Where the run pauses in between, both would end with the pause."""


def install(runs: RunClient) -> None:
    """Put a stream for these runs before the one that the process has, unless there is one."""
    if stream_of(runs) is None:
        set_event_stream(RunEvents(runs, get_event_stream()))


def claim(runs: RunClient, run_id: str, workflow_id: str) -> None:
    """Say that this is a durable run, so that what agno writes about it goes nowhere."""
    if (stream := stream_of(runs)) is not None:
        stream.claim(run_id, workflow_id)


def stream_of(runs: RunClient) -> RunEvents | None:
    """The process' stream for the runs of this client: of one server, and one queue."""
    stream = get_event_stream()
    while isinstance(stream, RunEvents):
        if reach_the_same(stream.runs, runs):
            return stream
        stream = stream.others
    return None


class RunEvents(BaseEventStream):
    """Durable runs from Temporal, and all others from another stream."""

    def __init__(self, runs: RunClient, others: BaseEventStream) -> None:
        self.runs = runs
        self.others = others
        self._ours: OrderedDict[str, str] = OrderedDict()

    def claim(self, run_id: str, workflow_id: str) -> None:
        self._ours[run_id] = workflow_id
        self._ours.move_to_end(run_id)
        if len(self._ours) > REMEMBERED:
            self._ours.popitem(last=False)

    async def get_run_status(self, run_id: str) -> RunStatus | None:
        """None too where Temporal does not have the run any more: then AgentOS reads the database."""
        if not await self._is_ours(run_id):
            return await self.others.get_run_status(run_id)
        with suppress(RunNotFound):
            if await self.runs.is_open(run_id):
                page = await self.runs.standing(run_id)
                if not page.ended:
                    return RunStatus.paused if page.settled else RunStatus.running if page.total else RunStatus.pending
            return RunStatus((await self.runs.snapshot(run_id)).status)
        return None

    async def replay(self, run_id: str, last_event_index: int | None = None) -> list[tuple[int, Any]]:
        if not await self._is_ours(run_id):
            return await self.others.replay(run_id, last_event_index)
        after = -1 if last_event_index is None else last_event_index
        told = await self.runs.told(run_id, after)
        last = told[-1][0] if told else after
        paused = [one async for one in self._pause(run_id, last)]
        _PAUSE_TOLD.set((run_id, last) if paused else None)
        return [*[(number, frame(run_id, number, event)) for number, event in told], *paused]

    async def get_last_index(self, run_id: str) -> int:
        if not await self._is_ours(run_id):
            return await self.others.get_last_index(run_id)
        return await self.runs.event_count(run_id) - 1

    async def get_event_count(self, run_id: str) -> int:
        if not await self._is_ours(run_id):
            return await self.others.get_event_count(run_id)
        return await self.runs.event_count(run_id)

    async def tail(self, run_id: str, last_event_index: int | None = None) -> AsyncIterator[tuple[int, str]]:
        if not await self._is_ours(run_id):
            async for one in self.others.tail(run_id, last_event_index):
                yield one
            return
        last = -1 if last_event_index is None else last_event_index
        async with aclosing(self.runs.leg(run_id, last, previews=False)) as events:
            async for number, event in events:
                assert number is not None  # Only previews have none.
                last = number
                yield number, frame(run_id, number, event)
        if _PAUSE_TOLD.get() != (run_id, last):
            async for one in self._pause(run_id, last):
                yield one

    async def register_run(self, run_id: str, status: RunStatus = RunStatus.pending) -> None:
        if run_id not in self._ours:
            await self.others.register_run(run_id, status)

    async def set_run_status(self, run_id: str, status: RunStatus, generation: int | None = None) -> None:
        if run_id not in self._ours:
            await self.others.set_run_status(run_id, status, generation)

    async def complete_run(self, run_id: str, status: RunStatus, generation: int | None = None) -> None:
        if run_id not in self._ours:
            await self.others.complete_run(run_id, status, generation)

    async def reopen_run(self, run_id: str, include_error: bool = False, floor: int | None = None) -> bool:
        """False for a durable run: nothing was closed that had to be opened again."""
        return run_id not in self._ours and await self.others.reopen_run(run_id, include_error, floor)

    async def cleanup_run(self, run_id: str) -> None:
        if run_id not in self._ours:
            await self.others.cleanup_run(run_id)

    async def reset_run_events(self, run_id: str, generation: int | None = None) -> None:
        if run_id not in self._ours:
            await self.others.reset_run_events(run_id, generation)

    async def begin_attempt(self, run_id: str, generation: int) -> None:
        if run_id not in self._ours:
            await self.others.begin_attempt(run_id, generation)

    async def add_event(self, run_id: str, event: Any, generation: int | None = None) -> int:
        """The number of an event of a durable run is its own; -1, as agno's refusal, for what has none."""
        if run_id not in self._ours:
            return await self.others.add_event(run_id, event, generation)
        number = getattr(event, "event_index", None)
        return -1 if number is None else int(number)

    async def _is_ours(self, run_id: str) -> bool:
        """Whether this is a durable run that the request may read. What is no durable workflow's request, and what the
        other stream knows, costs no question to Temporal."""
        if not (workflow_ids := opened(self.runs)):
            return False
        if (known := self._ours.get(run_id)) is not None:
            return known in workflow_ids
        if await self.others.get_run_status(run_id) is not None:
            return False
        if (found := await self.runs.workflow_of(run_id)) not in workflow_ids:
            return False
        self.claim(run_id, found)
        return True

    async def _pause(self, run_id: str, last: int) -> AsyncIterator[tuple[int, str]]:
        """What a run asks that waits, under the number of the event before it: the next one is another event's."""
        if (paused := await pause_of(self.runs, run_id)) is not None:
            yield last, frame(run_id, None, paused)

"""When something may have happened in a run: a long poll on its history.

A poll costs the run nothing, neither an event nor a query, and a server holds many of them. But one for each reader of
a run would make the server send the same history to each. So there is one for each run and process, for as long as
somebody waits for what is new, and it beats for all of them: at each workflow task that is done, because only then is
there something new to ask for. Who asks for no more than what there is by now has it read nothing.

Where a run goes on in another Temporal run, the poll follows it there. Where that is because it was reset, it has fewer
events than its readers know, and they are told.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistoryEventAsyncIterator
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.follow.away import is_away
from agno_temporal.follow.errors import RunPutBack
from agno_temporal.follow.watch import CLOSING, PlaceLost

AGAIN_AFTER: Final = 0.5
"""Seconds until a server that does not answer is asked again."""

_BEATS: Final = CLOSING | {EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED}

_TERMINATED: Final = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED

_CONTINUED: Final = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW


class Pulse:
    """One run's poll, from the first wait for a beat on. `beats` counts; `closed` says that the run has ended."""

    def __init__(self, client: Client, run_id: str) -> None:
        self.beats = 0
        self.closed = False
        self._error: Exception | None = None
        self._changed = asyncio.Event()
        self._begin = partial(self._poll, client, run_id)
        self._task: asyncio.Task[None] | None = None

    async def after(self, beat: int) -> int:
        """Wait for a beat after this one.

        Raises:
            RPCError: The run is not there, or the server refuses.
            RunPutBack: It was reset.
            Exception: Whatever else ended the poll.
        """
        if self._task is None:
            self._task = asyncio.create_task(self._begin())
        while self.beats <= beat and not self.closed and self._error is None:
            await self._changed.wait()
        if self._error is not None and self.beats <= beat:
            raise self._error
        return self.beats

    @property
    def failed(self) -> bool:
        """Whether it beats no more, though the run has not ended."""
        return self._error is not None

    def is_last(self, beat: int) -> bool:
        """Whether nothing follows this beat."""
        return self.closed and beat == self.beats

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _poll(self, client: Client, run_id: str) -> None:
        while not self.closed:
            try:
                await self._read(client, run_id)
            except PlaceLost:
                await asyncio.sleep(AGAIN_AFTER)
            except Exception as error:
                if not is_away(error):
                    self._tell(error)
                    return
                await asyncio.sleep(AGAIN_AFTER)

    async def _read(self, client: Client, run_id: str) -> None:
        events = client.get_workflow_handle(run_id).fetch_history_events(wait_new_event=True)
        while not self.closed:
            await _next_page(events)
            kinds = {event.event_type for event in events.current_page or ()}
            if _CONTINUED in kinds:
                return  # The run goes on in another history, from the first event on.
            if _TERMINATED in kinds and await _goes_on(client, run_id):
                raise RunPutBack(run_id)
            if not kinds and events.next_page_token is None:
                self.closed = True
            self.closed = self.closed or bool(kinds & CLOSING)
            if self.closed or kinds & _BEATS:
                self._tell(None)

    def _tell(self, error: Exception | None) -> None:
        self._error = error
        if error is None:
            self.beats += 1
        self._changed.set()
        self._changed = asyncio.Event()


async def _next_page(events: WorkflowHistoryEventAsyncIterator) -> None:
    """
    Raises:
        PlaceLost: The server no longer takes the token of the page before. The first page has none: there it is the
            run's id that the server does not take.
    """
    try:
        await events.fetch_next_page()
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT and events.current_page is not None:
            raise PlaceLost from error
        raise


async def _goes_on(client: Client, run_id: str) -> bool:
    """Whether a run of which a Temporal run was terminated has another one: a reset does that."""
    return (await client.get_workflow_handle(run_id).describe()).status is not WorkflowExecutionStatus.TERMINATED

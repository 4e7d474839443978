"""Waiting until a run has ended, or until only a decision can move it.

Asking the run again and again would wake a worker each time. So waiting is a long poll on the run's history: it costs
no event, and asks the run itself only once nothing is under way. That a run has ended, its history says: the run knows
its end a moment before that is written to the database, and nothing is announced before. A run that nobody works on
looks like one that takes long, so that after some seconds of silence it is asked whether anybody has to mend something.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final

from temporalio.client import WorkflowHistoryEventAsyncIterator
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.client.reading import Reading
from agno_temporal.connect.discreet import encrypts
from agno_temporal.contract.manifest import Manifest
from agno_temporal.follow.blocked import Blocked, blocked
from agno_temporal.follow.errors import NoWorker, not_found
from agno_temporal.follow.watch import PlaceLost, Watch

logger = logging.getLogger("agno_temporal")

_OPEN: Final = ("PENDING", "RUNNING", "PAUSED")

_BEGUN_ANEW: Final = (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.UNKNOWN, RPCStatusCode.CANCELLED)
"""Behind a first page: its token is none any more, or the connection was lost in the middle of a call, which the SDK
does not repeat as it does one to a server that is not there. If that is so of the first page too, it is no accident."""

NO_WORKER_AFTER = 10.0
"""Seconds without a first workflow task before it is asked whether any worker is there."""


class Waiting(Reading):
    """The part of a client that waits for runs."""

    async def wait(self, run_id: str) -> Manifest:
        """Wait until the run has ended, or until only a decision can move it.

        Raises:
            NoWorker: Nobody is there to start it. The run is kept.
        """
        watch = Watch()
        while True:
            with suppress(PlaceLost):
                return await self._watched(run_id, watch := Watch(started=watch.started))

    async def settle(self, run_id: str) -> None:
        """`wait`, for who does not want to know what came of it."""
        await self.wait(run_id)

    async def blocked(self, run_id: str) -> list[Blocked]:
        """What an operator has to mend: activities that fail and are tried again, a workflow task that does, and steps
        in queues that nobody works on.

        Raises:
            RunNotFound: There is no such run.
        """
        return await blocked(self.client, await self._describe(run_id))

    async def check_for_trouble(self, run_id: str, started: bool) -> None:
        """
        Raises:
            NoWorker: The run was not begun yet, and nobody is there to do so.
        """
        if not started and (nobody := await self.nobody_begins()) is not None:
            raise NoWorker(f"Run {run_id!r} is started and kept, but {nobody}; the run goes on by itself.")
        hidden = encrypts(self.client.data_converter)
        for one in await self.blocked(run_id):
            why = f"`agno-temporal show {run_id}` says why" if hidden else one.reason
            logger.warning("run %s waits for an operator: %s", run_id, why)

    async def _watched(self, run_id: str, watch: Watch) -> Manifest:
        handle = self.client.get_workflow_handle(run_id)
        events = handle.fetch_history_events(wait_new_event=True)
        while True:
            await self._next_page(run_id, events, watch)
            if watch.closed:
                manifest = await self.manifest(run_id)
                if manifest.status in _OPEN:
                    raise PlaceLost  # It was reset, and goes on in another history.
                return manifest
            if watch.idle:
                manifest = await self.manifest(run_id)
                if manifest.status == "PAUSED" and manifest.quiet:
                    return manifest

    async def _next_page(self, run_id: str, events: WorkflowHistoryEventAsyncIterator, watch: Watch) -> None:
        """The next events, however long they take; says so meanwhile where somebody should know."""
        page = asyncio.ensure_future(events.fetch_next_page())
        try:
            while not (await asyncio.wait([page], timeout=NO_WORKER_AFTER))[0]:
                await self.check_for_trouble(run_id, watch.started)
            await page
        except RPCError as error:
            if error.status in _BEGUN_ANEW and events.current_page is not None:
                raise PlaceLost from error
            raise not_found(run_id, error) from error
        finally:
            page.cancel()
        for event in events.current_page or ():
            watch.see(event.event_type)
        if watch.continued:
            raise PlaceLost

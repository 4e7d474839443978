"""Starting, deciding and reading runs, for every caller: the drop-in object, the command line, the API.

A run is one Temporal workflow, its id the run's. So a start is repeated safely, a decision is an update with one
winner, and a reader asks the running workflow, or reads what a closed one left: its result, the details of its failure,
or what it recorded last. Large outputs are not in there; they are read from the history that they were written to.

Waiting is a long poll on the run's history. It costs no event, and asks the run itself only once nothing is under way.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import math
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from agno.run.workflow import WorkflowRunOutput
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistoryEventAsyncIterator,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import read_bodies, read_recorded, read_request, read_results
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.events import was_continued
from agno_temporal.agno_bridge.run_output import run_output
from agno_temporal.agno_bridge.values import MalformedValue, decode
from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.events import EventPage
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.contract.request import RunRequest
from agno_temporal.contract.sealed import Unopened, Unreadable
from agno_temporal.follow.asking import query
from agno_temporal.follow.errors import (
    DecisionRefused,
    NoWorker,
    OutcomeUnknown,
    RequestTooLarge,
    RunError,
    RunIdReused,
    RunNotFound,
    RunPutBack,
    not_found,
)
from agno_temporal.follow.feed import Feeds
from agno_temporal.follow.mending import WORKFLOW_TASK, Blocked, described
from agno_temporal.follow.pollers import pollers
from agno_temporal.follow.reader import read, told
from agno_temporal.follow.replayed import manifest_of
from agno_temporal.follow.so_far import SoFar, read_so_far
from agno_temporal.follow.stuck import why_stuck, words_of
from agno_temporal.follow.unserved import unserved
from agno_temporal.follow.visibility import runs_query, started
from agno_temporal.follow.watch import PlaceLost, Watch
from agno_temporal.hitl import Actor, Decision, Ledger, Refusal, RefusalCode, Resolution
from agno_temporal.plan.data import from_json, to_json

__all__ = [
    "Blocked",
    "DecisionRefused",
    "NoWorker",
    "OutcomeUnknown",
    "RequestTooLarge",
    "RunClient",
    "RunError",
    "RunIdReused",
    "RunNotFound",
    "RunPutBack",
    "RunSummary",
    "refuse_closed",
]

logger = logging.getLogger("agno_temporal")

ANSWER_TIMEOUT = timedelta(seconds=10)
"""How long a worker may take to answer an update or a query. After a kill the first one may be lost for a second."""

TASK_TIMEOUT = timedelta(seconds=5)
"""A worker that is killed in a workflow task costs so long: Temporal notices nothing before that, and would wait for
10 s. To replay 1,000 events takes a quarter of a second."""

STUCK_AFTER = 4
"""Attempts at one workflow task that no kill explains."""

STUCK = "its workflow task fails again and again, until a mended worker heals the run."
UNTOLD = "The worker's log says why."

SNAPSHOT_AFTER = 2.0
"""Seconds that a reader who takes a replay as well waits for a worker's answer. After a kill it takes one."""

NO_WORKER_AFTER = 10.0
"""Seconds without a first workflow task before it is asked whether any worker is there."""


UNANSWERED = (
    RPCStatusCode.ABORTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.FAILED_PRECONDITION,  # The run's workflow task fails again and again: a mended worker takes it.
    RPCStatusCode.RESOURCE_EXHAUSTED,  # More than ten updates in flight, for longer than the client sends them again.
    RPCStatusCode.UNAVAILABLE,
)
"""What a call can end with that leaves open whether it was taken."""

MAX_REQUEST_BYTES = 1_900_000
"""Temporal takes 2 MB in a payload; the rest is for a codec."""


@dataclass(frozen=True)
class RunSummary:
    """A run as a list shows it."""

    run_id: str
    workflow_id: str
    status: str
    started_at: datetime
    closed_at: datetime | None


_OPEN = ("PENDING", "RUNNING", "PAUSED")


class _GoneOn(Exception):
    """What is closed is not the run, but one of its Temporal runs."""


class RunClient:
    """A client for runs of agno workflows.

    Args:
        client: Connected, with the data converter of the workers.
        task_queue: The queue of the workers that have the workflows.
        answer_timeout: How long a worker may take to answer a decision or a question. None is 10 s.
    """

    def __init__(
        self, client: Client, task_queue: str = names.TASK_QUEUE, *, answer_timeout: timedelta | None = None
    ) -> None:
        self.client = client
        self.task_queue = task_queue
        self._answer_timeout = answer_timeout
        self._feeds = Feeds(client)

    @property
    def answer_timeout(self) -> timedelta:
        """How long a worker may take to answer a decision or a question."""
        return ANSWER_TIMEOUT if self._answer_timeout is None else self._answer_timeout

    async def start(self, workflow_id: str, request: RunRequest, run_id: str) -> bool:
        """Start a run, or attach to it where this very request started it before: then False.

        Raises:
            RunIdReused: The id is another run's.
            RequestTooLarge: Nothing was started.
        """
        self._refuse_large(request)
        digest = request.digest()
        try:
            await self.client.start_workflow(
                workflow_id,
                to_json(request),
                id=run_id,
                task_queue=self.task_queue,
                task_timeout=TASK_TIMEOUT,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                memo={names.MEMO_REQUEST: digest, **({names.MEMO_USER: user} if (user := request.user_id) else {})},
            )
        except WorkflowAlreadyStartedError:
            description = await self._describe(run_id)
            same = await description.memo_value(names.MEMO_REQUEST, default=None) == digest
            if not same or description.workflow_type != workflow_id:
                raise RunIdReused(
                    f"Run {run_id!r} exists and was started as workflow {description.workflow_type!r} with "
                    f"{'the same' if same else 'another'} request. Use another run_id, or the same request to attach."
                ) from None
            return False
        return True

    async def decide(self, run_id: str, decision: Decision, patience: timedelta | None = None) -> Resolution:
        """Decide an open requirement.

        Args:
            patience: How long to wait for the answer, if less than `answer_timeout`.

        Raises:
            DecisionRefused: It changes nothing. Says why.
            OutcomeUnknown: No worker answered in time.
            RunNotFound: There is no such run.
        """
        try:
            return await self._decided(run_id, decision, patience)
        except DecisionRefused as error:
            if error.code is not RefusalCode.NOT_FOUND or not await self._asks(run_id, decision.requirement_id):
                raise
        return await self._decided(run_id, decision, patience)

    async def _asks(self, run_id: str, requirement_id: str) -> bool:
        """Whether the run asks this after all. A worker that has to replay a run before it can take an update may be
        handed the update with the last steps' results, and look at it before them (temporalio 1.35: where the run wrote
        nothing when it began to wait). A query is only answered when all of it was replayed, and so is what follows."""
        try:
            manifest = await self.manifest(run_id)
        except (NoWorker, Unreadable):
            return False
        return any(asked.requirement.id == requirement_id for asked in manifest.asked)

    async def _decided(self, run_id: str, decision: Decision, patience: timedelta | None) -> Resolution:
        handle = self.client.get_workflow_handle(run_id)
        patience = self.answer_timeout if patience is None else min(patience, self.answer_timeout)
        for last in (False, True):
            with suppress(_GoneOn):
                return await self._decide(handle, decision, patience, last)
        raise AssertionError("unreachable")

    async def _decide(
        self, handle: WorkflowHandle[Any, Any], decision: Decision, patience: timedelta, last: bool
    ) -> Resolution:
        run_id = handle.id
        try:
            answer = await handle.execute_update(
                names.DECIDE,
                to_json(decision),
                id=_update_id(decision),
                result_type=dict,
                rpc_timeout=patience,
            )
            return from_json(Resolution, answer)
        except WorkflowUpdateFailedError as error:
            _raise_refusal(error)
        except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError) as error:
            raise OutcomeUnknown(
                f"No worker answered for run {run_id!r} within {patience.total_seconds():g} s. Start one on "
                f"task queue {self.task_queue!r} and send the decision again with the same decision id."
            ) from error
        except RPCError as error:
            return await self._answer_of_closed(run_id, decision, error, last)

    async def signal(self, run_id: str, decision: Decision) -> Resolution | None:
        """Leave a decision for the run, whether a worker is up or not. Nothing is answered; a refused one is shown with
        the run.

        Returns:
            None; or the record of this very decision, where the run has ended with it.

        Raises:
            DecisionRefused: The run has ended, and not with it.
            RunNotFound: There is no such run.
        """
        name = next(name for name, action in names.SIGNALS.items() if action == decision.action.value)
        data = {key: value for key, value in to_json(decision).items() if key != "action"}
        for last in (False, True):
            try:
                await self.client.get_workflow_handle(run_id).signal(name, data)
            except RPCError as error:
                with suppress(_GoneOn):
                    return await self._answer_of_closed(run_id, decision, error, last)
            else:
                return None
        raise AssertionError("unreachable")

    async def cancel(self, run_id: str) -> bool:
        """Cancel a run. False where it had ended before: Temporal takes a cancel for a closed run without a word."""
        if (await self._describe(run_id)).status is not WorkflowExecutionStatus.RUNNING:
            return False
        try:
            await self.client.get_workflow_handle(run_id).cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await self._describe(run_id)
            return False
        return True

    async def manifest(self, run_id: str) -> Manifest:
        """The run as it stands, with references to large outputs.

        Raises:
            RunNotFound: There is no such run.
            NoWorker: It is running, and no worker answers for it.
        """
        description = await self._describe(run_id)
        handle = self.client.get_workflow_handle(run_id, run_id=description.run_id)
        match description.status:
            case WorkflowExecutionStatus.RUNNING:
                return await self._asked(handle)
            case WorkflowExecutionStatus.COMPLETED:
                return from_json(Manifest, await handle.result())
            case WorkflowExecutionStatus.CANCELED:
                recorded = await read_recorded(self.client, run_id, description.run_id or "")
                if recorded is not None:
                    return from_json(Manifest, recorded)
        return await self._closed(description, handle)

    async def snapshot(self, run_id: str) -> Manifest:
        """`manifest`, also where no worker answers soon: then the history is replayed here. For readers who would
        rather not know that workers come and go.

        Raises:
            RunNotFound: There is no such run.
        """
        description = await self._describe(run_id)
        if description.status is WorkflowExecutionStatus.RUNNING:
            try:
                async with asyncio.timeout(SNAPSHOT_AFTER):
                    return await self.manifest(run_id)
            except (NoWorker, TimeoutError):
                return await manifest_of(self.client, run_id) or await self._not_begun(description)
        return await self.manifest(run_id)

    async def _not_begun(self, description: WorkflowExecutionDescription) -> Manifest:
        request = await read_request(self.client, description.id, description.run_id)
        return Manifest(
            run_id=description.id,
            workflow_id=description.workflow_type,
            status="PENDING",
            created_at=int(description.start_time.timestamp()),
            session_id=request.session_id or "",
            user_id=request.user_id,
            metadata=request.metadata,
        )

    async def run_output(self, run_id: str) -> WorkflowRunOutput:
        """The run as agno's own object, whole."""
        return await self.whole(await self.manifest(run_id))

    async def whole(self, manifest: Manifest) -> WorkflowRunOutput:
        """A manifest with everything that it refers to."""
        bodies = Bodies(manifest, lenient=True)
        run_id = (await self._describe(manifest.run_id)).run_id or ""
        if missing := {leaf.activity_id for leaf in bodies.missing()}:
            for activity_id, body in (await read_bodies(self.client, manifest.run_id, run_id, missing)).items():
                bodies.add(activity_id, body)
        if executors := bodies.missing_events():
            for activity_id, result in (await read_results(self.client, manifest.run_id, run_id, executors)).items():
                bodies.add_events(activity_id, result.get("events"))
        request = await read_request(self.client, manifest.run_id, run_id)
        if manifest.error_type == ErrorType.INPUT_INVALID:
            request = _readable(request)
        return run_output(manifest, bodies, request)

    async def requirements(self, run_id: str) -> list[Asked]:
        """What the run waits for, in the order in which it was asked."""
        return [asked for asked in (await self.manifest(run_id)).asked if asked.resolution is None]

    async def wait(self, run_id: str) -> Manifest:
        """Wait until the run has ended, or until only a decision can move it.

        Raises:
            NoWorker: Nobody is there to start it. The run is kept.
        """
        watch = Watch()
        while True:
            with suppress(PlaceLost):
                return await self._watched(run_id, watch := Watch(started=watch.started))

    async def events(
        self, run_id: str, after: int = -1, *, previews: bool = False, to_a_pause: bool = False
    ) -> AsyncGenerator[tuple[int | None, Any], None]:
        """Follow a run to its end, over all its pauses: agno's own events, each with its number.

        Numbers begin at 0 and have no gaps. Whoever has seen one goes on from there, in any process, whatever was
        killed meanwhile: nothing is repeated, and nothing is missing. Leaving the loop does not touch the run.

        Args:
            after: The last number that is known already.
            previews: What a step says while it runs in this process is shown at once, with None for its number, and
                not again when it has one.
            to_a_pause: End where only a decision can move the run.

        Raises:
            RunNotFound: There is no such run.
            NoWorker: It was never begun, and nobody is there to do so.
            RunPutBack: It was reset meanwhile, or after the number that is known.
        """
        async with aclosing(self._read(run_id, after, previews=previews, to_a_pause=to_a_pause)) as events:
            async for numbered in events:
                yield numbered

    async def leg(
        self, run_id: str, after: int = -1, *, stream_events: bool = True, previews: bool = True
    ) -> AsyncGenerator[tuple[int | None, Any], None]:
        """`events` with previews, until the run has ended, or until only a decision can move it.

        Args:
            stream_events: All of agno's events; else those that it yields with `stream=True` alone.
        """
        reading = self._read(run_id, after, to_a_pause=True, previews=previews, stream_events=stream_events)
        async with aclosing(reading) as events:
            async for numbered in events:
                yield numbered

    async def events_so_far(self, run_id: str, after: int = -1, limit: int = 100) -> SoFar:
        """Some of the events after a number that there are now: for who asks again and again.

        Raises:
            RunNotFound: There is no such run.
            RunPutBack: It was reset, and has no event of this number any more.
        """
        closed = (await self._describe(run_id)).status is not WorkflowExecutionStatus.RUNNING
        try:
            return await read_so_far(self._feeds, self, run_id, after, limit, closed)
        except RPCError as error:
            raise not_found(run_id, error) from error

    async def is_over(self, run_id: str, after: int) -> bool:
        """Whether no event will come after this number any more.

        Raises:
            RunNotFound: There is no such run.
        """
        if (await self._describe(run_id)).status is WorkflowExecutionStatus.RUNNING:
            return False
        async with self._feeds.of(run_id) as feed:
            try:
                return (await feed.page(after, feed.pulse.beats)).total <= after + 1
            except RunPutBack:
                return False  # It has less events, and others.

    async def event_count(self, run_id: str) -> int:
        """How many events the run has had so far: the number that the next one will get."""
        return (await self.standing(run_id)).total

    async def exists(self, run_id: str) -> bool:
        """Whether there is such a run on this client's queue, of whatever workflow, open or closed."""
        try:
            return (await self._describe(run_id)).task_queue == self.task_queue
        except RunNotFound:
            return False

    async def is_of(self, run_id: str, workflow_id: str) -> bool:
        """Whether there is such a run of this workflow."""
        try:
            return (await self._describe(run_id)).workflow_type == workflow_id
        except RunNotFound:
            return False

    async def is_open(self, run_id: str) -> bool:
        """Whether the run is under way, paused or not.

        Raises:
            RunNotFound: There is no such run.
        """
        return (await self._describe(run_id)).status is WorkflowExecutionStatus.RUNNING

    async def standing(self, run_id: str) -> EventPage:
        """How far the run is, as its events tell: without a worker too. No events are on this page."""
        async with self._feeds.of(run_id) as feed:
            try:
                return await feed.latest(sys.maxsize)
            except RPCError as error:
                raise not_found(run_id, error) from error

    async def told(self, run_id: str, after: int = -1) -> list[tuple[int, Any]]:
        """The events so far after a number, each with its own. Waits for nothing."""
        try:
            return await told(self._feeds, self, run_id, after)
        except RPCError as error:
            raise not_found(run_id, error) from error

    async def _read(self, run_id: str, after: int, **how: bool) -> AsyncGenerator[tuple[int | None, Any], None]:
        numbered = read(self._feeds, self, run_id, after, **how)
        try:
            async with aclosing(numbered) as events:
                async for one in events:
                    yield one
        except RPCError as error:
            raise not_found(run_id, error) from error

    async def ended(self, run_id: str) -> tuple[WorkflowRunOutput, bool]:
        """A run that has ended, and whether somebody decided in it: then agno would have continued it."""
        manifest = await self.manifest(run_id)
        return await self.whole(manifest), was_continued(manifest)

    async def settle(self, run_id: str) -> None:
        """`wait`, for who does not want to know what came of it."""
        await self.wait(run_id)

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
                if manifest.status != "RUNNING" and (manifest.quiet or manifest.status != "PAUSED"):
                    return manifest

    async def list_runs(self, workflow_id: str | None = None, open_only: bool = False) -> AsyncIterator[RunSummary]:
        """Runs on this client's queue, the newest first."""
        query = runs_query(self.task_queue, workflow_id, True if open_only else None)
        async for one in self.client.list_workflows(query):
            status = one.status.name if one.status else "UNKNOWN"
            started_at = await started(self.client, one.raw_info)
            yield RunSummary(one.id, one.workflow_type, status, started_at, one.close_time)

    async def blocked(self, run_id: str) -> list[Blocked]:
        """What an operator has to mend: activities that fail and are tried again, a workflow task that does, and steps
        in queues that nobody works on."""
        description = await self._describe(run_id)
        failing = [
            Blocked(pending.activity_id, await words_of(self.client, failure), _tried(pending))
            for pending in description.raw_description.pending_activities
            if pending.HasField("last_failure")
            and pending.state != PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
            and (failure := _as_raised(pending.last_failure)).application_failure_info.type != ErrorType.STEP_RAISED
        ]
        unserved_steps = await unserved(self.client, description, {one.activity_id for one in failing})
        return [*await self._stuck(description), *failing, *unserved_steps]

    async def _stuck(self, description: WorkflowExecutionDescription) -> list[Blocked]:
        """The run's own task, where it fails and no kill explains that."""
        attempt = description.raw_description.pending_workflow_task.attempt
        why = await why_stuck(self.client, description.id, description.run_id or "") if attempt > 1 else None
        if why is not None:
            return [Blocked(WORKFLOW_TASK, f"{STUCK} {why}", attempt)]
        return [Blocked(WORKFLOW_TASK, f"{STUCK} {UNTOLD}", attempt)] if attempt >= STUCK_AFTER else []

    async def has_worker(self) -> bool:
        """Whether any worker has polled the queue lately."""
        return bool(await pollers(self.client, self.task_queue))

    async def _asked(self, handle: WorkflowHandle[Any, Any]) -> Manifest:
        """Ask the running workflow; once more where a killed worker took the first question with it."""
        for last in (False, True):
            try:
                return from_json(Manifest, await query(handle, names.RUN_OUTPUT, patience=self.answer_timeout))
            except RPCError as error:
                if not last and error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                    continue
                if stuck := await self._stuck(await self._describe(handle.id)):
                    raise NoWorker(
                        f"Run {handle.id!r} is open, and no worker can go on with it: {stuck[0].reason}"
                    ) from error
                raise NoWorker(
                    f"Run {handle.id!r} is open, and no worker answered for it ({error.message}). Start one on task "
                    f"queue {self.task_queue!r}."
                ) from error
        raise AssertionError("unreachable")

    async def _closed(self, description: WorkflowExecutionDescription, handle: WorkflowHandle[Any, Any]) -> Manifest:
        """What a run left that did not end by itself, or ended before it could say anything."""
        details: tuple[Any, ...] = ()
        message = f"Run {handle.id} ended as {description.status.name if description.status else 'UNKNOWN'}"
        error_type: str | None = None
        try:
            await handle.result()
        except WorkflowFailureError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError):
                details, message, error_type = tuple(cause.details), cause.message, cause.type
        if details:
            return from_json(Manifest, details[0])
        cancelled = description.status is WorkflowExecutionStatus.CANCELED
        return Manifest(
            run_id=handle.id,
            workflow_id=description.workflow_type,
            status="CANCELLED" if cancelled else "ERROR",
            created_at=int((await started(self.client, description.raw_info)).timestamp()),
            content=f"Run {handle.id} was cancelled" if cancelled else message,
            cancellation_stage="PENDING" if cancelled else None,
            error_type=error_type,
        )

    async def _next_page(self, run_id: str, events: WorkflowHistoryEventAsyncIterator, watch: Watch) -> None:
        """The next events, however long they take; says so meanwhile where somebody should know."""
        page = asyncio.ensure_future(events.fetch_next_page())
        try:
            while not (await asyncio.wait([page], timeout=NO_WORKER_AFTER))[0]:
                await self.check_for_trouble(run_id, watch.started)
            await page
        except RPCError as error:
            if error.status is RPCStatusCode.INVALID_ARGUMENT and events.current_page is not None:
                raise PlaceLost from error
            raise not_found(run_id, error) from error
        finally:
            page.cancel()
        for event in events.current_page or ():
            watch.see(event.event_type)
        if watch.continued:
            raise PlaceLost

    async def check_for_trouble(self, run_id: str, started: bool) -> None:
        """
        Raises:
            NoWorker: The run was not begun yet, and nobody is there to do so.
        """
        if not started and not await self.has_worker():
            raise NoWorker(
                f"Run {run_id!r} is started and kept, but no worker polls task queue {self.task_queue!r}. "
                "Start one (agno-temporal worker module:workflow); the run goes on by itself."
            )
        for blocked in await self.blocked(run_id):
            logger.warning("run %s waits for an operator: %s", run_id, blocked.reason)

    def _refuse_large(self, request: RunRequest) -> None:
        size = len(json.dumps(to_json(request)))
        if size > MAX_REQUEST_BYTES and self.client.data_converter.external_storage is None:
            raise RequestTooLarge(
                f"The run's input, with its additional data and media, has {size / 1e6:.1f} MB; Temporal takes 2 MB "
                "per payload. Pass a reference, or configure external storage (docs/limits.md)."
            )

    async def _describe(self, run_id: str) -> WorkflowExecutionDescription:
        return await described(self.client, run_id)

    async def _answer_of_closed(self, run_id: str, decision: Decision, error: RPCError, last: bool) -> Resolution:
        """The answer to a decision that met a closed run: what was recorded of this very decision.

        Raises:
            _GoneOn: The run is open: it was just going on in another Temporal run. Not the `last` time.
            DecisionRefused: Another one was, or the run ended without any.
        """
        if error.status in UNANSWERED:
            raise OutcomeUnknown(
                f"Temporal did not answer for run {run_id!r}: {error.message.rstrip('.')}. Send it again."
            ) from error
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise error
        if not last and await self.is_open(run_id):
            raise _GoneOn
        manifest = await self.manifest(run_id)
        ledger = _ledger(manifest)
        winner = ledger.resolution(decision.requirement_id)
        if winner is None or winner.decision.decided_by == Actor.CANCEL:
            text = f"Run {run_id!r} has ended as {manifest.status}."
            raise DecisionRefused(Refusal(RefusalCode.RUN_CLOSED, text, winner, run_status=manifest.status)) from error
        verdict = ledger.judge(decision, winner.at)
        if isinstance(verdict, Refusal):
            raise DecisionRefused(verdict) from error
        return verdict


def _tried(pending: PendingActivityInfo) -> int:
    """How often an activity was tried. One that waits for its next attempt is counted with that attempt's number."""
    waits = pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    return pending.attempt - 1 if waits else pending.attempt


def _as_raised(failure: Failure) -> Failure:
    """What an attempt failed with. Of one that is long, as its traces may be, Temporal says only that it is, and hangs
    what is left of it below."""
    is_cut = failure.HasField("server_failure_info") and failure.HasField("cause")
    return failure.cause if is_cut else failure


def refuse_closed(manifest: Manifest, decision: Decision) -> None:
    """Refuse a decision that the run, as it stood a moment ago, would not take; its deadline aside.

    Raises:
        DecisionRefused: Says why, and who decided instead.
    """
    verdict = _ledger(manifest).judge(decision, -math.inf)
    if isinstance(verdict, Refusal):
        raise DecisionRefused(verdict)


def _ledger(manifest: Manifest) -> Ledger:
    ledger = Ledger()
    for asked in manifest.asked:
        ledger.open(asked.requirement)
        if asked.resolution is not None:
            ledger.record(asked.resolution)
    return ledger


def _update_id(decision: Decision) -> str | None:
    """Temporal answers a repeated update id with what becomes of the first one, whatever was sent. So the id is of the
    whole decision: another one under its `decision_id` is judged by the run, and not by the fate of this one."""
    if not decision.decision_id:
        return None
    words = json.dumps(to_json(decision), sort_keys=True).encode()
    return f"{decision.requirement_id[:80]}/{hashlib.sha256(words).hexdigest()}"


def _raise_refusal(error: WorkflowUpdateFailedError) -> NoReturn:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == ErrorType.UNOPENED:
        raise Unopened(f"{cause.message} Nothing is changed: send it again when the workers have the key.") from error
    if isinstance(cause, ApplicationError) and cause.type in set(RefusalCode) and cause.details:
        raise DecisionRefused(from_json(Refusal, cause.details[0])) from error
    raise error


def _readable(request: RunRequest) -> RunRequest:
    """What can be shown of a request that was found invalid."""
    try:
        decode(request.input, lenient=True)
    except MalformedValue:
        return RunRequest()
    return RunRequest(input=request.input)

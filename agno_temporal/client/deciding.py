"""Sending a run what somebody decided: by update, which is answered, or by signal, which is left for it.

What no run would take is not sent to one: a decision of megabytes is in the run's message to Temporal even where it is
refused, and Temporal terminates a run whose message is too large.

No answer is not a refusal. Temporal may have taken the decision and lost its answer, and a sender who is told that it
changed nothing would decide otherwise; so whatever leaves that open is `OutcomeUnknown`, and may be sent again under
the same decision id. And a Temporal run that is closed is no run that has ended: the run may just be going on in
another one, and is sent the decision there.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NoReturn, TypeVar

from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.client.closed import answer_of_closed, refuse_unfit
from agno_temporal.client.reading import Reading
from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.sealed import Unopened, Unreadable
from agno_temporal.follow.away import AWAY
from agno_temporal.follow.errors import DecisionRefused, NoWorker, OutcomeUnknown
from agno_temporal.hitl import Decision, Refusal, RefusalCode, Resolution
from agno_temporal.plan.data import from_json, to_json

T = TypeVar("T")

UNANSWERED = AWAY | {
    RPCStatusCode.ABORTED,
    RPCStatusCode.FAILED_PRECONDITION,  # The run's workflow task fails again and again: a mended worker takes it.
    RPCStatusCode.RESOURCE_EXHAUSTED,  # More than ten updates in flight, for longer than the client sends them again.
}
"""What a call can end with that leaves open whether it was taken."""

UNPROCESSED = "UnprocessedUpdate"
"""What Temporal's server calls an update that a worker has neither taken nor refused: it has come with a task that was
lost on the way, as when the server or the worker was just started again. Nothing of it is kept."""

GONE_ON = 5
"""Temporal runs of one run that a decision is sent to, one after the other. A run goes on every few minutes at most."""


class Deciding(Reading):
    """The part of a client that decides, and cancels."""

    async def decide(self, run_id: str, decision: Decision, patience: timedelta | None = None) -> Resolution:
        """Decide an open requirement.

        Args:
            patience: How long to wait for the answer, if less than `answer_timeout`.

        Raises:
            DecisionRefused: It changes nothing. Says why.
            OutcomeUnknown: No worker answered in time.
            RunNotFound: There is no such run.
        """
        patience = self.answer_timeout if patience is None else min(patience, self.answer_timeout)

        async def update(handle: WorkflowHandle[Any, Any]) -> Resolution:
            return await self._update(handle, decision, patience)

        try:
            return await self._sent(run_id, decision, update)
        except DecisionRefused as error:
            if error.code is not RefusalCode.NOT_FOUND or not await self._asks(run_id, decision.requirement_id):
                raise
        return await self._sent(run_id, decision, update)

    async def signal(self, run_id: str, decision: Decision) -> Resolution | None:
        """Leave a decision for the run, whether a worker is up or not. Nothing is answered; a refused one is shown with
        the run.

        Returns:
            None; or the record of this very decision, where the run has ended with it.

        Raises:
            DecisionRefused: The run has ended, and not with it; or it is a timer's answer, which nobody may give.
            OutcomeUnknown: Temporal did not answer.
            RunNotFound: There is no such run.
        """
        name = _signal_name(decision)
        data = {key: value for key, value in to_json(decision).items() if key != "action"}
        return await self._sent(run_id, decision, lambda handle: handle.signal(name, data))

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

    async def _sent(
        self, run_id: str, decision: Decision, send: Callable[[WorkflowHandle[Any, Any]], Awaitable[T]]
    ) -> T | Resolution:
        """Send a decision, and answer for a run that has ended; again, where it was just going on in another Temporal
        run.

        Raises:
            DecisionRefused: No run would take it.
        """
        refuse_unfit(decision)
        for _ in range(GONE_ON):
            try:
                return await send(self.client.get_workflow_handle(run_id))
            except RPCError as error:
                if error.status in UNANSWERED:
                    raise OutcomeUnknown(
                        f"Temporal did not answer for run {run_id!r}: {error.message.rstrip('.')}. Send it again."
                    ) from error
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                if not await self.is_open(run_id):
                    return answer_of_closed(await self.manifest(run_id), decision)
        raise OutcomeUnknown(f"Run {run_id!r} went on in one Temporal run after the other. Send it again.")

    async def _update(self, handle: WorkflowHandle[Any, Any], decision: Decision, patience: timedelta) -> Resolution:
        try:
            answer = await handle.execute_update(
                names.DECIDE,
                to_json(decision),
                id=update_id(decision),
                result_type=dict,
                rpc_timeout=patience,
            )
            return from_json(Resolution, answer)
        except WorkflowUpdateFailedError as error:
            _raise_refusal(error)
        except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError) as error:
            _go_on_cancelling(error)
            raise OutcomeUnknown(
                f"No worker answered for run {handle.id!r} within {patience.total_seconds():g} s. Start one on "
                f"task queue {self.task_queue!r}, of the run's version where it is pinned to one, and send the "
                "decision again with the same decision id."
            ) from error

    async def _asks(self, run_id: str, requirement_id: str) -> bool:
        """Whether the run asks this after all. A worker that has to replay a run before it can take an update may be
        handed the update with the last steps' results, and look at it before them (temporalio 1.35: where the run wrote
        nothing when it began to wait). A query is only answered when all of it was replayed, and so is what follows."""
        try:
            manifest = await self.manifest(run_id)
        except (NoWorker, Unreadable):
            return False
        return any(asked.requirement.id == requirement_id for asked in manifest.asked)


def _signal_name(decision: Decision) -> str:
    for name, action in names.SIGNALS.items():
        if action == decision.action.value:
            return name
    text = f"{decision.action.value!r} is what a timer does (on_timeout). A run is cancelled as a whole."
    raise DecisionRefused(Refusal(RefusalCode.ACTION_NOT_ALLOWED, text, allowed=tuple(names.SIGNALS.values())))


def update_id(decision: Decision) -> str | None:
    """Temporal answers a repeated update id with what becomes of the first one, whatever was sent. So the id is of the
    whole decision: another one under its `decision_id` is judged by the run, and not by the fate of this one."""
    if not decision.decision_id:
        return None
    words = json.dumps(to_json(decision), sort_keys=True).encode()
    return f"{decision.requirement_id[:80]}/{hashlib.sha256(words).hexdigest()}"


def _go_on_cancelling(error: Exception) -> None:
    """Raise the cancellation of the caller's own task, which the SDK hides behind an error of its own
    (temporalio/client/_impl.py:868, 1.35): without it a timeout around the call is none. Where the server has cancelled
    the call, the cause is an `RPCError`.

    Raises:
        CancelledError: The task was cancelled.
    """
    if isinstance(error.__cause__, asyncio.CancelledError):
        raise asyncio.CancelledError(*error.__cause__.args) from error


def _raise_refusal(error: WorkflowUpdateFailedError) -> NoReturn:
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        raise error
    if cause.type == UNPROCESSED:
        raise OutcomeUnknown("No worker has looked at the decision, and nothing is changed. Send it again.") from error
    if cause.type == ErrorType.UNOPENED:
        raise Unopened(f"{cause.message} Nothing is changed: send it again when the workers have the key.") from error
    if cause.type in set(RefusalCode) and cause.details:
        raise DecisionRefused(from_json(Refusal, cause.details[0])) from error
    raise error

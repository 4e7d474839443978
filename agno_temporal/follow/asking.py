"""A question to a run that may have no answer just now.

It may be going on in another Temporal run: what it was is then being brought there, which takes some milliseconds, and
only of a very long run. Until it is there the run says so instead of an answer, and is asked again.

The question may come to a worker before the task does that tells the run what has happened (`workflows.ahead`): it is
asked again when that has come.

And its worker may be busy: one that has to replay a long history first, and gets no CPU for it, is given up by the SDK
after two seconds, which fails the question (TMPRL1101). The run is as it was, and is asked again too.

Or the answer is larger than Temporal carries. It would be so again: whoever asks reads it from the history instead.

Or it is no run of an agno workflow, and does not know the question: a worker may have workflows of its user's own.

Or its worker has not the key of the encryption that the run needs, or that the question was written with. The SDK's
error has a failure's message alone, and where failures are encrypted that is "Encoded failure" for each of these
(temporalio/client/_impl.py:448). So what failed is read from the details of the call's status, and opened here. A
failure of the run's own comes without them: of what it says instead of an answer, the words are not encrypted
(`connect.opening`). An older worker's are, and are lost on the way.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any, Final

from temporalio.api.errordetails.v1 import QueryFailedFailure
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.contract import names
from agno_temporal.contract.sealed import HIDDEN, UNDECODED, Unopened
from agno_temporal.follow.errors import Locked, NoAgnoRun, Portable

AGAIN_AFTER: Final = 0.05

STOOD_STILL: Final = "[TMPRL1101]"
"""What the SDK says of a workflow task that it has given up (temporalio/worker/_workflow.py:800)."""

_UNKNOWN: Final = "Query handler for "
"""How the SDK begins what it says of a question that a workflow has no handler for
(temporalio/worker/_workflow_instance.py:824, 1.35)."""

_TOO_LARGE: Final = ("Blob data size exceeds limit", "GRPC Message too large")
"""What the server says of an answer over 2 MB, and the SDK of one over the 4 MB of a message (temporalio 1.35)."""

_ASK_AGAIN: Final = (names.BEING_BROUGHT, names.ASKED_AHEAD, HIDDEN)

_LOST: Final = "what it says is encrypted, and was lost on the way; its worker's log says why"


class AnswerTooLarge(Portable, RuntimeError):
    """The run has an answer, and it is larger than a query carries."""

    def __init__(self, run_id: str, name: str) -> None:
        super().__init__(f"What run {run_id!r} answers to {name!r} is larger than Temporal takes.")


async def query(client: Client, handle: WorkflowHandle[Any, Any], name: str, *args: Any, patience: timedelta) -> Any:
    """A query's answer.

    Raises:
        RPCError: No worker answered in time, or there is no such run.
        NoAgnoRun: It is another workflow.
        AnswerTooLarge: The history tells the same, by `replayed`.
        Locked: The worker has not the key.
        Unopened: It is here that the key is missing.
    """
    until = time.monotonic() + patience.total_seconds()
    while True:
        try:
            return await handle.query(name, *args, rpc_timeout=patience)
        except WorkflowQueryFailedError as error:
            said = await _said(client.data_converter, handle.id, error)
            if said.startswith(_UNKNOWN):
                raise NoAgnoRun(handle.id) from error
            if said.rstrip(".") in _TOO_LARGE:
                raise AnswerTooLarge(handle.id, name) from error
            if said not in _ASK_AGAIN and not said.startswith(STOOD_STILL):
                raise WorkflowQueryFailedError(said) from error
            if time.monotonic() > until:
                raise RPCError(_LOST if said == HIDDEN else said, RPCStatusCode.DEADLINE_EXCEEDED, b"") from error
        await asyncio.sleep(AGAIN_AFTER)


async def _said(converter: DataConverter, run_id: str, error: WorkflowQueryFailedError) -> str:
    """What the run, or its worker, says instead of an answer.

    Raises:
        Locked: That a key is missing there.
        Unopened: It cannot be read here.
    """
    failure = _failure_of(error)
    if failure is None and error.message == UNDECODED:
        raise Locked(run_id, "it has not the key that the question is encrypted with.") from error
    if failure is None:
        return error.message
    if (locked := _unopened_in(failure)) is None:
        return await _words_of(converter, failure)
    try:
        words = await _words_of(converter, locked)
    except Unopened as unopened:  # An older worker's, which are encrypted with its own key.
        words = f"it has not the key, and what it says of that is encrypted, too. {unopened}"
    raise Locked(run_id, words) from error


def _failure_of(error: WorkflowQueryFailedError) -> Failure | None:
    """What failed, whole; None where the call's status does not say."""
    failed = QueryFailedFailure()
    if isinstance(error.__context__, RPCError):
        for detail in error.__context__.grpc_status.details:
            if detail.Unpack(failed) and failed.HasField("failure"):
                return failed.failure
    return None


def _unopened_in(failure: Failure) -> Failure | None:
    """The failure, or the cause of it, that says that a payload could not be opened. Types are never encrypted."""
    while failure.application_failure_info.type != Unopened.__name__:
        if not failure.HasField("cause"):
            return None
        failure = failure.cause
    return failure


async def _words_of(converter: DataConverter, failure: Failure) -> str:
    error = await converter.decode_failure(failure)
    return str(getattr(error, "message", error))

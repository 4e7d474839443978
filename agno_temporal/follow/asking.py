"""A question to a run that may have no answer just now.

It may be going on in another Temporal run: what it was is then being brought there, which takes some milliseconds, and
only of a very long run. Until it is there the run says so instead of an answer, and is asked again.

The question may come to a worker before the task does that tells the run what has happened (`workflows.ahead`): it is
asked again when that has come.

And its worker may be busy: one that has to replay a long history first, and gets no CPU for it, is given up by the SDK
after two seconds, which fails the question (TMPRL1101). The run is as it was, and is asked again too.

Or the answer is larger than Temporal carries. It would be so again: whoever asks reads it from the history instead.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any, Final

from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.contract import names
from agno_temporal.follow.errors import Portable

AGAIN_AFTER: Final = 0.05

STOOD_STILL: Final = "[TMPRL1101]"
"""What the SDK says of a workflow task that it has given up (temporalio/worker/_workflow.py:800)."""

_TOO_LARGE: Final = ("Blob data size exceeds limit", "GRPC Message too large")
"""What the server says of an answer over 2 MB, and the SDK of one over the 4 MB of a message (temporalio 1.35)."""

_ASK_AGAIN: Final = (names.BEING_BROUGHT, names.ASKED_AHEAD)


class AnswerTooLarge(Portable, RuntimeError):
    """The run has an answer, and it is larger than a query carries."""

    def __init__(self, run_id: str, name: str) -> None:
        super().__init__(f"What run {run_id!r} answers to {name!r} is larger than Temporal takes.")


async def query(handle: WorkflowHandle[Any, Any], name: str, *args: Any, patience: timedelta) -> Any:
    """A query's answer.

    Raises:
        RPCError: No worker answered in time, or there is no such run.
        AnswerTooLarge: The history tells the same, by `replayed`.
    """
    until = time.monotonic() + patience.total_seconds()
    while True:
        try:
            return await handle.query(name, *args, rpc_timeout=patience)
        except WorkflowQueryFailedError as error:
            if error.message.rstrip(".") in _TOO_LARGE:
                raise AnswerTooLarge(handle.id, name) from error
            if error.message not in _ASK_AGAIN and not error.message.startswith(STOOD_STILL):
                raise
            if time.monotonic() > until:
                raise RPCError(error.message, RPCStatusCode.DEADLINE_EXCEEDED, b"") from error
        await asyncio.sleep(AGAIN_AFTER)

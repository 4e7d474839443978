"""A question to a run that may have no answer just now.

It may be going on in another Temporal run: what it was is then being brought there, which takes some milliseconds, and
only of a very long run. Until it is there the run says so instead of an answer, and is asked again.

The question may come to a worker before the task does that tells the run what has happened (`workflows.ahead`): it is
asked again when that has come.

And its worker may be busy: one that has to replay a long history first, and gets no CPU for it, is given up by the SDK
after two seconds, which fails the question (TMPRL1101). The run is as it was, and is asked again too.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any, Final

from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.contract import names

AGAIN_AFTER: Final = 0.05

STOOD_STILL: Final = "[TMPRL1101]"
"""What the SDK says of a workflow task that it has given up (temporalio/worker/_workflow.py:800)."""


_ASK_AGAIN: Final = (names.BEING_BROUGHT, names.ASKED_AHEAD)


async def query(handle: WorkflowHandle[Any, Any], name: str, *args: Any, patience: timedelta) -> Any:
    """A query's answer.

    Raises:
        RPCError: No worker answered in time, or there is no such run.
    """
    until = time.monotonic() + patience.total_seconds()
    while True:
        try:
            return await handle.query(name, *args, rpc_timeout=patience)
        except WorkflowQueryFailedError as error:
            if error.message not in _ASK_AGAIN and not error.message.startswith(STOOD_STILL):
                raise
            if time.monotonic() > until:
                raise RPCError(error.message, RPCStatusCode.DEADLINE_EXCEEDED, b"") from error
        await asyncio.sleep(AGAIN_AFTER)

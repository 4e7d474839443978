"""A question to a run, which may just be going on in another Temporal run.

What it was is then being brought there, which takes some milliseconds, and only of a very long run. Until it is there
the run says so instead of an answer, and is asked again.
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
            if error.message != names.BEING_BROUGHT:
                raise
            if time.monotonic() > until:
                raise RPCError(error.message, RPCStatusCode.DEADLINE_EXCEEDED, b"") from error
        await asyncio.sleep(AGAIN_AFTER)

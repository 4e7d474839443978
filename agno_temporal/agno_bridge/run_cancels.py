"""Steps that cancel their own run, as agno lets them: by an exception, or by its registry of runs.

agno asks its registry (`agno.run.cancel`) before and behind each step, and registers a run while it is under way. Here
a run is under way on no worker between its steps, so that each step registers it for itself. The registry is of a
process, or of all that share one, and branches of one run may be at work in it at once: the last of them tidies up. One
that cannot be asked, as in a Redis that is away, costs no step what it has done.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from agno.exceptions import RunCancelledException
from agno.run.cancel import acleanup_run, araise_if_cancelled, aregister_run

logger = logging.getLogger("agno_temporal")

_at_work: Counter[str] = Counter()


class CancelsItsRun(Exception):
    """A step's own code cancels its run. Says why."""


@asynccontextmanager
async def cancellable(run_id: str) -> AsyncIterator[None]:
    """User code of a run, for the length of a block.

    Raises:
        CancelsItsRun: It cancels the run (agno/workflow/workflow.py:219), or somebody did in agno's registry.
    """
    _at_work[run_id] += 1
    try:
        await _asked(aregister_run(run_id))
        await _asked(araise_if_cancelled(run_id))
        yield
        await _asked(araise_if_cancelled(run_id))
    except RunCancelledException as error:
        raise CancelsItsRun(str(error) or f"Workflow run {run_id} was cancelled") from error
    finally:
        _at_work[run_id] -= 1
        if not _at_work[run_id]:
            del _at_work[run_id]
            await _asked(acleanup_run(run_id))


async def _asked(registry: Awaitable[None]) -> None:
    try:
        await registry
    except RunCancelledException:
        raise
    except Exception:
        logger.warning("agno's registry of runs cannot be asked whether a run is cancelled", exc_info=True)

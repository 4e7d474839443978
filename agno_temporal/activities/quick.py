"""The local attempt at a step that was declared quick.

A local activity holds up its run's updates and queries, and what it answers is written in one message with all the
others of its workflow task, of which Temporal takes 4 MB. So an attempt that is not done in time, or whose result is
not small, is not the answer: a regular activity is asked, and takes it over (`activities.begun`). That declaring a step
quick was wrong costs time, and no result.

What the step's own code raises is an answer, and counts as one failure. Everything else that goes wrong is the regular
activity's to tell: it can be tried again, and be seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from temporalio import activity

from agno_temporal.activities.bounds import size_of
from agno_temporal.activities.host import Host
from agno_temporal.activities.local import BOUND, looked_at
from agno_temporal.activities.refusals import OwnError, clipped
from agno_temporal.agno_bridge.lookup import place
from agno_temporal.contract.tasks import ContinueTask, StepResult, StepTask, Tried
from agno_temporal.plan.data import to_json

QUICK_BYTES = 16 * 1024
"""As much may be in one result. Several are in one workflow task (`workflows.quick`)."""


def failed_before(task: StepTask | ContinueTask) -> int:
    """How often the step's own code has failed before this activity."""
    return task.failures if isinstance(task, StepTask) else 0


def attempt_of(task: StepTask | ContinueTask) -> int:
    """The number of this attempt, from 1. A local one that failed came before the first of the regular activity."""
    return activity.info().attempt + failed_before(task)


def as_written(task: StepTask | ContinueTask, result: StepResult) -> StepResult:
    """The result with a text of bounded length, and with the attempt that its events are of."""
    error = None if result.error is None else clipped(result.error)
    return replace(result, error=error, attempt=attempt_of(task) if result.events else 0)


async def tried(host: Host, task: StepTask, key: str, work: Callable[[], Awaitable[StepResult]]) -> Tried:
    """One attempt, within its bounds: the one that is under way, where its workflow task was lost."""
    attempt = host.begun.taken(key, task) or asyncio.ensure_future(work())
    attempt.add_done_callback(looked_at)
    try:
        await asyncio.wait([attempt], timeout=BOUND)
    except asyncio.CancelledError:
        attempt.cancel()
        raise
    error = attempt.exception() if attempt.done() and not attempt.cancelled() else None
    if isinstance(error, OwnError):
        return Tried(error=clipped(str(error)), error_type=type(error.error).__name__)
    if attempt.done() and error is None and not attempt.cancelled():
        result = as_written(task, attempt.result())
        if size_of(to_json(result)) <= QUICK_BYTES:
            host.keep(task.facts.run_id, result)
            return Tried(result)
    _warn(task, attempt)
    host.begun.leave(key, task, attempt)
    return Tried()


def _warn(task: StepTask, attempt: asyncio.Future[StepResult]) -> None:
    why = f"returned more than {QUICK_BYTES // 1024} KB" if attempt.done() else f"took more than {BOUND:g} s"
    if not attempt.done() or attempt.exception() is None:
        activity.logger.warning("%s is declared quick, and %s", place(task.path, task.name), why)

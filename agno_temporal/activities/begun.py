"""Work that a local attempt has begun and could not give back: it took too long, or its result is too large for one.

It is not thrown away. The function of a step would run twice, and the second time beside the first. So the regular
activity that the run asks next takes it over, where it comes to the same worker; on another one the step begins anew,
as after any attempt that was lost.

A workflow task that was lost is done again, and the quick steps before this one may then have returned something else.
So an attempt is taken over only for the very task that it was given: what the run recorded must follow from what it
recorded before.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TypeAlias

from agno_temporal.contract.tasks import StepResult, StepTask

KEPT = 64
"""As many attempts wait to be taken over. One whose activity went elsewhere is dropped when others come."""

Attempt: TypeAlias = asyncio.Future[StepResult]


class Begun:
    """The attempts of one worker process that wait to be taken over."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, tuple[StepTask, Attempt]] = OrderedDict()

    def leave(self, key: str, task: StepTask, attempt: Attempt) -> None:
        self._attempts[key] = (task, attempt)
        if len(self._attempts) > KEPT:
            self._attempts.popitem(last=False)

    def taken(self, key: str, task: StepTask) -> Attempt | None:
        """The attempt at this task, for one who waits for it; None where there is none on this event loop. One at
        another task is of no use any more, and stopped."""
        if key not in self._attempts:
            return None
        given, attempt = self._attempts.pop(key)
        if attempt.get_loop() is not asyncio.get_running_loop():
            return None
        if given == task:
            return attempt
        attempt.cancel()
        return None


async def waited_for(attempt: Attempt) -> StepResult:
    """What an attempt gives that was begun elsewhere. Whoever is cancelled meanwhile stops it, and is cancelled: the
    attempt, which knows nothing of that, would take the cancellation for the step's own failure."""
    try:
        return await asyncio.shield(attempt)
    except asyncio.CancelledError:
        attempt.cancel()
        await asyncio.wait([attempt])
        raise

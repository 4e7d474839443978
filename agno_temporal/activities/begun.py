"""Work that a local attempt has begun and could not give back: it took too long, or its result is too large for one.

It is not thrown away. The function of a step would run twice, and the second time beside the first. So the regular
activity that the run asks next takes it over, where it comes to the same worker; on another one the step begins anew,
as after any attempt that was lost.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from agno_temporal.contract.tasks import StepResult

KEPT = 64
"""As many attempts wait to be taken over. One whose activity went elsewhere is dropped when others come."""


class Begun:
    """The attempts of one worker process that wait to be taken over."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, asyncio.Future[StepResult]] = OrderedDict()

    def leave(self, key: str, attempt: asyncio.Future[StepResult]) -> None:
        self._attempts[key] = attempt
        if len(self._attempts) > KEPT:
            self._attempts.popitem(last=False)

    def taken(self, key: str) -> asyncio.Future[StepResult] | None:
        """The attempt, for one who waits for it; None where there is none."""
        return self._attempts.pop(key, None)

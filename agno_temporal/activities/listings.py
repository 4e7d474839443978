"""The earlier outputs that a task leaves to another one to list, put back before its step sees it.

Mostly the other task came to this worker too, so that what it listed is kept here. Otherwise it is in the history of
this Temporal run, before this task. Of another Temporal run nothing is taken: where a run was reset, an activity of the
same id may have been given other outputs.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Final

from temporalio import activity

from agno_temporal.activities.bounds import size_of
from agno_temporal.activities.cache import Bounded
from agno_temporal.activities.history import MissingOutput, read_flows
from agno_temporal.contract.tasks import LISTED_AGAIN, Flow, Named
from agno_temporal.plan.data import to_json

KEPT_BYTES: Final = 8 * 1024 * 1024


class Listings:
    """What the tasks of one worker process have listed: by their Temporal run and their activity."""

    def __init__(self) -> None:
        self._kept: Bounded[tuple[str, str]] = Bounded(KEPT_BYTES)

    def keep(self, flow: Flow) -> None:
        """What this activity was given, for those that follow, where that is known here."""
        info = activity.info()
        whole = self._known(flow)
        if info.is_local or whole is None or len(whole.previous) < LISTED_AGAIN:
            return
        size = size_of(to_json(flow.previous)) + 8 * len(whole.previous)
        self._kept.put(_key(info.activity_id), whole.previous, size)

    async def whole(self, flow: Flow) -> Flow:
        """The flow with all that it stands for.

        Raises:
            MissingOutput: The history does not hold it.
        """
        if (whole := self._known(flow)) is None:
            whole = await self._read(flow)
            self.keep(whole)
        return whole

    def _known(self, flow: Flow) -> Flow | None:
        if flow.listed is None:
            return flow
        earlier: tuple[Named, ...] | None = self._kept.get(_key(flow.listed.activity_id))
        return None if earlier is None else _behind(flow, earlier)

    async def _read(self, flow: Flow) -> Flow:
        """From the history: each task may leave the rest to another, until one has all of it, or leaves it to one that
        is known here."""
        info = activity.info()
        shorter = [flow]
        older = read_flows(activity.client(), info.workflow_id or "", info.workflow_run_id or "", flow)
        async with aclosing(older) as flows:
            async for one in flows:
                shorter.append(one)
                if self._known(one) is not None:
                    break
        whole: Flow | None = None
        for one in reversed(shorter):
            whole = self._known(one) if whole is None else _behind(one, whole.previous)
        assert whole is not None  # The last one is known, or `read_flows` had raised.
        return whole


def _key(activity_id: str) -> tuple[str, str]:
    return activity.info().workflow_run_id or "", activity_id


def _behind(flow: Flow, earlier: tuple[Named, ...]) -> Flow:
    listed = flow.listed
    if listed is not None and len(earlier) != listed.count:
        raise MissingOutput(
            f"run {activity.info().workflow_id!r}: the task of {listed.activity_id} lists {len(earlier)} outputs, and "
            f"not the {listed.count} that the run recorded."
        )
    return flow.behind(earlier)

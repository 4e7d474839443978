"""One plan in memory for all runs of a worker that follow it.

A plan can be larger than all else that a run knows of itself, and ten thousand runs may wait in one worker. To read it
for each of them took longer than three steps of a Parallel. So where a plan with the same digest was read before, that
object is taken, and this one is not read.

The digest is of the whole plan, so which of two equal objects is kept makes no difference to a replay.
"""

from __future__ import annotations

import functools
from dataclasses import replace

from agno_temporal.contract.chapter import Chapter
from agno_temporal.contract.tasks import OpenedRun
from agno_temporal.plan import Plan
from agno_temporal.plan.data import Json, from_json


def opened_run(data: Json) -> OpenedRun:
    """What `open_run` has answered.

    Raises:
        DataError: It is no such answer.
    """
    if (plan := _known(data)) is not None:
        return replace(from_json(OpenedRun, {**data, "plan": None}), plan=plan)
    opened = from_json(OpenedRun, data)
    return opened if opened.plan is None else replace(opened, plan=_shared(opened.plan))


def chapter_of(data: Json) -> Chapter:
    """What a Temporal run has left.

    Raises:
        DataError: It is no chapter.
    """
    if not isinstance(data, dict) or "opened" not in data:
        return from_json(Chapter, data)
    opened = opened_run(data["opened"])
    return replace(from_json(Chapter, {**data, "opened": {}}), opened=opened)


def _known(opened: Json) -> Plan | None:
    """The plan in there, if it was read before."""
    plan = opened.get("plan") if isinstance(opened, dict) else None
    digest = plan.get("digest") if isinstance(plan, dict) else None
    kept = _kept(digest) if isinstance(digest, str) else []
    return kept[0] if kept else None


def _shared(plan: Plan) -> Plan:
    if not plan.digest:
        return plan
    kept = _kept(plan.digest)
    if not kept:
        kept.append(plan)
    return kept[0]


@functools.lru_cache(maxsize=256)
def _kept(digest: str) -> list[Plan]:
    return []

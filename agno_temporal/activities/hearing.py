"""Listening to the executor of a streamed run's step, for the step's result and for readers in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from temporalio import activity

from agno_temporal.activities.beat import failures_so_far
from agno_temporal.activities.broadcast import BROADCAST, Saying, run_of
from agno_temporal.activities.quick import attempt_of, failed_before
from agno_temporal.agno_bridge.lookup import place
from agno_temporal.agno_bridge.tap import Tap
from agno_temporal.contract.tasks import ContinueTask, StepTask


@contextmanager
def heard(task: StepTask | ContinueTask, in_front: bool = False) -> Iterator[Tap | None]:
    """Listen for the length of the block; not at all where the run is not streamed. `in_front` is for a workflow's
    agent."""
    if not task.stream:
        yield None
        return
    run = run_of(activity.client(), task.facts.run_id)
    tap = Tap(
        place(task.path, task.name),
        task.stream_events,
        task.ends_only,
        attempt=failures_so_far(failed_before(task)) + 1,
        tell=partial(BROADCAST.tell, run),
        in_front=in_front,
    )
    saying = Saying(attempt_of(task), tap.events)
    with BROADCAST.talking(run, activity.info().activity_id, saying):
        yield tap

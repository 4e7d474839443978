"""One recording for each way of a quick step: within the workflow task, failed and tried again, taken over, and beside
something else that comes.

Beside them stands ``quick_told_at_once``, a run that told of its end before its quick steps were in its history. Since
`names.TOLD_WHEN_RECORDED` none does, so that it cannot be recorded any more, and is replayed all the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from agno.workflow import Condition, Loop, Parallel, Step, Workflow
from agno.workflow.types import StepInput
from temporalio import activity

from agno_temporal import StepOptions
from agno_temporal.hitl import Action
from tests.replay.ends import confirm, ending, failing, stored
from tests.replay.notices import telling, to_nobody
from tests.replay.pauses import Act, confirmed, leave_open, recording
from tests.replay.primitives import say
from tests.replay.recordings import Drive, Recording
from tests.support import eventually

BEGUN = threading.Event()
"""Set by the step that takes its time."""


async def quickly(run: Drive) -> None:
    run.steps = StepOptions(quick=True, retry_initial_interval=0.01)


def quick(act: Act, *steps: Any) -> Recording:
    return declared(recording(act, *steps))


def declared(plain: Recording) -> Recording:
    return Recording(plain.workflow, plain.drive, quickly)


def telling_quickly(act: Act, *steps: Any) -> Recording:
    plain = telling(act, *steps)

    async def prepare(run: Drive) -> None:
        await to_nobody(run)
        await quickly(run)

    return Recording(plain.workflow, plain.drive, prepare)


def fails_first(step_input: StepInput) -> str:
    """As a quick step, and in the first attempt of the regular one that follows."""
    if activity.info().is_local or activity.info().attempt == 1:
        raise ValueError("out of honey")
    return "mended"


def not_small(step_input: StepInput) -> str:
    return "x" * 30_000


async def slow(step_input: StepInput) -> str:
    BEGUN.set()
    await asyncio.sleep(60)
    return "never"


async def to_the_end(run: Drive) -> None:
    await run.ended()


async def cancel_while_it_runs(run: Drive) -> None:
    async def begun() -> bool:
        return BEGUN.is_set()

    await eventually("the quick step", begun)
    await run.bench.runs.cancel(run.run_id)
    await run.ended()


async def retry_then_confirm(run: Drive) -> None:
    await run.update(Action.RETRY)
    await run.update(Action.CONFIRM)
    await run.ended()


def fails_in_its_first_occurrence(step_input: StepInput) -> str:
    if activity.info().activity_id.endswith("#1"):
        raise ValueError("out of honey")
    return "mended"


def prolonged() -> Workflow:
    """What the second condition says comes with the task that prolongs the one of the first, and what step "b" answers
    with the one after."""
    inner = Parallel(Step(name="a", executor=takes_two_tasks), name="inner")
    later = Condition(name="later", evaluator=after(0.9), steps=[inner])
    first = Condition(name="first", evaluator=after(0.5), steps=[Step(name="b", executor=takes_two_tasks), say("c")])
    return Workflow(name="prolonged", steps=[Parallel(later, first, name="both")])


def after(seconds: float) -> Callable[[StepInput], Awaitable[bool]]:
    async def evaluate(step_input: StepInput) -> bool:
        await asyncio.sleep(seconds)
        return True

    return evaluate


async def takes_two_tasks(step_input: StepInput) -> str:
    await asyncio.sleep(1.8)
    return "done"


async def with_short_tasks(run: Drive) -> None:
    await run.bench.start_in_short_tasks("prolonged", run.run_id)
    await run.ended()


RECORDINGS = {
    "quick": quick(to_the_end, say("a"), say("b")),
    "quick_in_a_row": quick(
        to_the_end, Loop(name="rounds", steps=[Parallel(say("a"), say("b"), name="both")], max_iterations=10)
    ),
    "quick_retried": quick(to_the_end, say("a"), ending("b", fails_first, "fail", max_retries=2), say("c")),
    "quick_failed": quick(to_the_end, say("a"), ending("b", failing, max_retries=0), say("c")),
    "quick_taken_over": quick(to_the_end, say("a"), Step(name="b", executor=not_small), say("c")),
    "quick_paused": quick(
        retry_then_confirm,
        say("a"),
        ending("b", fails_in_its_first_occurrence, "pause", max_retries=0),
        confirmed("c"),
        say("d"),
    ),
    "quick_cancelled": quick(cancel_while_it_runs, say("a"), Step(name="b", executor=slow)),
    "quick_told": telling_quickly(to_the_end, say("a"), say("b")),
    "quick_prolonged": Recording(prolonged, with_short_tasks, quickly),
    "quick_stored": declared(stored(confirm)),
    "quick_stored_open": declared(stored(leave_open)),
}

"""Running a step: Temporal is the only one who tries again.

Two loops of retries would multiply, and a worker that dies inside its own loop takes the count with it. So agno's is
off, and this raises: retryable while the step has retries left, final with the last one. The count is of the step's own
failures and travels in the heartbeats (`beat`); what a lost worker or a timeout costs is not the step's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from agno_temporal.activities.beat import beat, beating, failures_so_far
from agno_temporal.activities.begun import waited_for
from agno_temporal.activities.bounds import is_too_large, size_of
from agno_temporal.activities.hearing import heard
from agno_temporal.activities.host import Host, attempts_key
from agno_temporal.activities.locate import located
from agno_temporal.activities.quick import as_written, failed_before, tried
from agno_temporal.activities.refusals import (
    OwnError,
    as_temporal_failures,
    clipped,
    final,
    own_errors_apart,
    sayable,
    tellable,
)
from agno_temporal.activities.whole import whole
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.execute import as_read_by, run_leaf
from agno_temporal.agno_bridge.live import LiveLoop, LiveStep
from agno_temporal.agno_bridge.lookup import place
from agno_temporal.agno_bridge.run_cancels import cancellable
from agno_temporal.agno_bridge.session_history import session_for
from agno_temporal.agno_bridge.tap import Tap
from agno_temporal.contract import names
from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.tasks import ContinueTask, StepResult, StepTask
from agno_temporal.plan.data import Json, from_json, to_json


class RunStep:
    """The activity `agno.run_step`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @activity.defn(name=names.RUN_STEP)
    async def run_step(self, task: Json) -> dict[str, Any]:
        step = whole(from_json(StepTask, task))
        if activity.info().is_local:
            answer: dict[str, Any] = to_json(await tried(self._host, step, attempts_key(), lambda: self._run(step)))
            return answer
        begun = self._host.begun.taken(attempts_key(), step)
        return await attempted(self._host, step, lambda: waited_for(begun) if begun else self._run(step))

    async def _run(self, task: StepTask) -> StepResult:
        step, loop = await found(self._host, task)
        self._host.listings.keep(task.flow)
        task = as_read_by(step, task)
        task = replace(task, flow=await self._host.listings.whole(task.flow))
        bodies = await self._host.fill(Bodies(task), task.facts.run_id)
        request = await self._host.request(task.facts)
        session = await session_for(step, task.facts, self._host.threads.run)
        async with at_work(step, task) as tap:
            return await run_leaf(
                step,
                task,
                request,
                bodies,
                self._host.threads.exclusively(attempts_key()),
                loop=loop,
                session=session,
                tap=tap,
            )


@asynccontextmanager
async def at_work(step: LiveStep, task: StepTask | ContinueTask) -> AsyncIterator[Tap | None]:
    """A step's own code, for the length of a block: what its executor says is heard, what it raises is its own, and it
    may cancel its run.

    Raises:
        OwnError, CancelsItsRun: As it ended.
    """
    with heard(task, step.is_workflow_agent) as tap, own_errors_apart():
        async with cancellable(task.facts.run_id):
            yield tap


async def attempted(
    host: Host, task: StepTask | ContinueTask, work: Callable[[], Awaitable[StepResult]]
) -> dict[str, Any]:
    """One attempt at a step's work, under its heartbeat: its result as it is kept, its failures as Temporal's."""
    with beating(failed_before(task)):
        try:
            with as_temporal_failures():
                return _kept(host, task, await work())
        except OwnError as own:
            raise _counted(task, own) from tellable(own.error)


async def found(host: Host, task: StepTask | ContinueTask) -> tuple[LiveStep, LiveLoop | None]:
    """The live step of a task, and the loop whose end condition it is to ask. The loop is none where it has none any
    more: then the loop is asked by itself, and is blocked."""
    step = await located(host, task.facts, task.path, task.name, LiveStep)
    live = host.compiled(task.facts.workflow_id).live
    loop = live.get(task.end_check.loop_path) if task.end_check else None
    return step, loop if isinstance(loop, LiveLoop) and loop.loop.end_condition is not None else None


def _kept(host: Host, task: StepTask | ContinueTask, result: StepResult) -> dict[str, Any]:
    """The result as it is written to the history, and for the steps that follow on this worker.

    Raises:
        ApplicationError: It is larger than Temporal takes.
    """
    data: dict[str, Any] = to_json(as_written(task, result))
    size = size_of(data)
    if is_too_large(size) and data.pop("events", None):
        activity.logger.warning("%s: its output leaves no room for its events", place(task.path, task.name))
        size = size_of(data)
    if is_too_large(size):
        raise final(_too_large(task, data), ErrorType.OUTPUT_TOO_LARGE)
    host.keep(task.facts.run_id, result)
    return data


def _too_large(task: StepTask | ContinueTask, data: dict[str, Any]) -> str:
    where, output, change = place(task.path, task.name), size_of(data["body"]), size_of(data.get("change"))
    if output >= change:
        return (
            f"{where} returned {output / 1e6:.1f} MB; Temporal takes 2 MB per payload. Return a reference, or "
            "configure external storage (docs/limits.md)."
        )
    return (
        f"{where} put {change / 1e6:.1f} MB into session_state; Temporal takes 2 MB per payload. Keep large values out "
        "of it: return them from a step, or store a reference (docs/limits.md)."
    )


def _counted(task: StepTask | ContinueTask, own: OwnError) -> ApplicationError:
    """The failure, as the step's last or as one that is tried again."""
    failures = failures_so_far(failed_before(task)) + 1
    beat(failures)
    kind = type(own.error).__name__
    if failures > task.max_retries:
        # The text is a detail as well: Temporal reads a failure without one as "Application error".
        return final(str(own), ErrorType.STEP_FAILED, kind, clipped(str(own)))
    return ApplicationError(sayable(str(own)), kind, type=ErrorType.STEP_RAISED.value)

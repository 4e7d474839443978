"""Letting a paused agent or team go on: a step's second activity, and perhaps its third.

It is tried again as a step is, and counts its own failures as a step does. Each attempt starts from the run as it
paused, so that a confirmed tool that ran in an attempt that then failed runs again in the next: at least once, like
every step.
"""

from __future__ import annotations

from typing import Any

from temporalio import activity

from agno_temporal.activities.host import Host, attempts_key
from agno_temporal.activities.run_step import at_work, attempted, found
from agno_temporal.activities.whole import whole
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.execute import continue_leaf
from agno_temporal.contract import names
from agno_temporal.contract.tasks import ContinueTask, StepResult
from agno_temporal.plan.data import Json, from_json


class ContinueExecutor:
    """The activity `agno.continue_executor`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @activity.defn(name=names.CONTINUE_EXECUTOR)
    async def continue_executor(self, task: Json) -> dict[str, Any]:
        step = whole(from_json(ContinueTask, task))
        return await attempted(self._host, step, lambda: self._run(step))

    async def _run(self, task: ContinueTask) -> StepResult:
        step, loop = await found(self._host, task)
        bodies = await self._host.fill(Bodies(task), task.facts.run_id)
        request = await self._host.request(task.facts)
        async with at_work(step, task) as tap:
            return await continue_leaf(
                step,
                task,
                request,
                bodies,
                self._host.threads.exclusively(attempts_key()),
                loop=loop,
                tap=tap,
            )

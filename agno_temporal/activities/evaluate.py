"""Asking a node's callables.

A callable may call a model, so that this is a regular activity; only a CEL expression is certain to take milliseconds,
and is asked locally first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from temporalio import activity

from agno_temporal.activities.beat import beating
from agno_temporal.activities.host import Host, attempts_key
from agno_temporal.activities.local import bounded
from agno_temporal.activities.locate import as_planned, located
from agno_temporal.activities.refusals import as_temporal_failures, clipped
from agno_temporal.activities.whole import whole
from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.evaluate import evaluate
from agno_temporal.agno_bridge.live import LiveCondition, LiveLoop, LiveNode, LiveRouter, LiveStep
from agno_temporal.agno_bridge.run_cancels import cancellable
from agno_temporal.contract import names
from agno_temporal.contract.tasks import Evaluated, EvaluateTask
from agno_temporal.plan.data import Json, from_json, to_json

_KINDS: dict[str, tuple[type[LiveNode], ...]] = {
    "evaluator": (LiveCondition,),
    "selector": (LiveRouter,),
    "end_condition": (LiveLoop,),
    "review": (LiveStep, LiveRouter),
    "input": (LiveStep,),
}


class Evaluate:
    """The activity `agno.evaluate`, local at first for CEL."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @activity.defn(name=names.EVALUATE)
    async def evaluate(self, task: Json) -> dict[str, Any]:
        question = whole(from_json(EvaluateTask, task))
        if activity.info().is_local:
            return _json(await bounded(self._asked(question), Evaluated(later=True)))
        with beating(), as_temporal_failures():
            return _json(await self._asked(question))

    async def _asked(self, task: EvaluateTask) -> Evaluated:
        node: LiveNode = await located(self._host, task.facts, task.path, task.name, *_KINDS[task.what])
        if task.what in ("evaluator", "selector", "input"):
            task = replace(task, flow=await self._host.listings.whole(task.flow))
        bodies = await self._host.fill(Bodies(task), task.facts.run_id)
        request = await self._host.request(task.facts)
        threads = self._host.threads
        thread = threads.exclusively(attempts_key(), threads.local if activity.info().is_local else None)
        async with cancellable(task.facts.run_id):
            answer = await evaluate(node, task, request, bodies, thread)
        error = None if answer.error is None else clipped(answer.error)
        selected = await as_planned(self._host, task.facts, task.path, answer.selected)
        return replace(answer, error=error, selected=selected)


def _json(evaluated: Evaluated) -> dict[str, Any]:
    data: dict[str, Any] = to_json(evaluated)
    return data

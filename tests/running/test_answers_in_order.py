"""What a run hears, and what its history has, are in one order, also what its local activities have answered.

Temporal's core hands an answer over late where the run is asked something just then, and a replay joins what came apart
where workflow tasks were prolonged. In both the next calls of two branches change places, and no worker can take the
run on any more.
"""

from __future__ import annotations

import asyncio
import threading
import time

from agno.workflow import Parallel, Step, Steps, Workflow
from agno.workflow.types import HumanReview
from temporalio.worker import Worker

from agno_temporal import AgnoPlugin, StepOptions
from agno_temporal.hitl import Action, Decision, requirement_id
from tests.running.held_tasks import HeldTask
from tests.running.tools import replays
from tests.support import PATIENCE, Bench

UNDER_WAY = 0.3
"""Seconds in which an answer reaches Temporal's core."""


async def test_an_answer_that_comes_while_the_run_replies_is_heard_before_what_comes_next(bench: Bench) -> None:
    begun, may_end, reply = threading.Event(), threading.Event(), HeldTask("respond_to_query")

    def first(_: object) -> str:
        begun.set()
        may_end.wait(PATIENCE)
        return "first"

    gate = Step(name="gate", executor=quick, human_review=HumanReview(requires_confirmation=True))
    row = Steps(name="row", steps=[Step(name="first", executor=first), Step(name="second", executor=quick)])
    workflow = Workflow(name="replies", steps=[Parallel(row, gate, name="both")])
    async with bench.worker(workflow, steps=StepOptions(quick=True), unsandboxed_workflow_runner=reply):
        run_id = await bench.start_in_short_tasks("replies")
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        asked = asyncio.ensure_future(bench.runs.manifest(run_id))
        await reply.held()
        await bench.runs.signal(run_id, Decision(requirement_id(run_id, "0/parallel/1", 1), Action.CONFIRM))
        may_end.set()
        await asyncio.sleep(UNDER_WAY)
        reply.let_go()
        await asked
        assert (await bench.ended(run_id)).status == "COMPLETED"
    await replays(bench.client, run_id)


async def test_what_came_in_two_tasks_of_which_a_replay_makes_one_comes_in_the_same_order(bench: Bench) -> None:
    """The deadline comes beside an answer that is awaited, and that comes with the task after."""
    gate = Step(
        name="gate",
        executor=slow,
        human_review=HumanReview(requires_confirmation=True, timeout=0.9, on_timeout="approve"),
    )
    begins = Step(name="begins", executor=lambda _: time.sleep(0.5))
    row = Steps(name="row", steps=[begins, Step(name="slow", executor=slow), Step(name="next", executor=quick)])
    workflow = Workflow(name="prolonged", steps=[Parallel(gate, row, name="both")])
    steps = {"prolonged": {name: StepOptions(quick=True) for name in ("gate", "slow", "next")}}
    async with Worker(bench.client, task_queue=bench.task_queue, plugins=[AgnoPlugin([workflow], step_options=steps)]):
        run_id = await bench.start_in_short_tasks("prolonged")
        assert (await bench.ended(run_id)).status == "COMPLETED"
    await replays(bench.client, run_id)


def slow(_: object) -> str:
    """Longer than two workflow tasks, and less than a quick step may take."""
    time.sleep(1.8)
    return "done"


def quick(_: object) -> str:
    return "done"

"""A receiver has no part in a run: neither its pauses, nor its decisions, nor its steps, nor its end wait for one."""

from __future__ import annotations

import asyncio
from typing import Any

from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.api.enums.v1 import EventType

from agno_temporal.hitl import Action, Decision
from tests.running.tools import event_counts, replays
from tests.support import Bench, eventually
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import confirm, gated, telling


async def test_a_run_ends_while_every_receiver_holds_its_answers(bench: Bench, receiver: Receiver) -> None:
    """Not one of its notices has been answered when it has ended: what is answered is held until then."""
    receiver.may_answer.clear()
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver)):
        run_id = await bench.start(workflow, "x")
        await receiver.tried(1)
        await confirm(bench, run_id)
        run = await bench.ended(run_id)
        await receiver.tried(3)
        receiver.may_answer.set()
    assert run.status == "COMPLETED"


async def test_attempts_that_hang_take_no_place_of_a_step(bench: Bench, receiver: Receiver) -> None:
    """The worker has one place for steps."""
    receiver.may_answer.clear()
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver), max_concurrent_activities=1):
        for index in range(3):
            run_id = await bench.start(workflow, "x")
            await receiver.tried(3 * index + 1)
            await confirm(bench, run_id)
            await bench.ended(run_id)
        receiver.may_answer.set()


async def test_nothing_is_told_in_the_task_in_which_it_happens(bench: Bench, receiver: Receiver) -> None:
    workflow = gated()
    async with bench.worker(workflow, webhooks=telling(receiver)):
        run_id = await bench.start(workflow, "x")
        await receiver.has("requirement.opened")
        await confirm(bench, run_id)
        await bench.ended(run_id)
    history = await bench.client.get_workflow_handle(run_id).fetch_history()
    names = [EventType.Name(one.event_type).removeprefix("EVENT_TYPE_") for one in history.events]
    opened, decided = (index for index, name in enumerate(names) if name == "TIMER_STARTED")
    assert names[:opened].count("MARKER_RECORDED") == 1, "that of the opening"
    assert "MARKER_RECORDED" in names[opened:decided]
    assert names.index("WORKFLOW_EXECUTION_UPDATE_ACCEPTED") < names.index("ACTIVITY_TASK_SCHEDULED") < decided
    assert "MARKER_RECORDED" in names[decided:]


async def test_telling_costs_a_run_a_marker_for_each_fact_and_a_task_for_all_but_the_end(
    bench: Bench, receiver: Receiver
) -> None:
    go_on = asyncio.Event()

    async def after(step_input: Any) -> str:
        await go_on.wait()
        return "done"

    step = Step(name="gate", executor=after, human_review=HumanReview(requires_confirmation=True))
    workflow = Workflow(name="gated", steps=[step])
    costs = []
    for webhooks in (None, telling(receiver)):
        go_on.clear()
        async with bench.worker(workflow, webhooks=webhooks):
            run_id = await bench.start(workflow, "x")
            if webhooks:
                await receiver.has("requirement.opened")
            await confirm(bench, run_id)
            if webhooks:
                await receiver.has("requirement.decided")
            go_on.set()
            await bench.ended(run_id)
        costs.append(await event_counts(bench.client, run_id))
    plain, told = costs
    assert dict(told - plain) == {
        "MARKER_RECORDED": 3,
        "TIMER_STARTED": 2,
        "TIMER_FIRED": 2,
        "WORKFLOW_TASK_SCHEDULED": 2,
        "WORKFLOW_TASK_STARTED": 2,
        "WORKFLOW_TASK_COMPLETED": 2,
    }


async def test_a_run_with_several_open_questions_tells_of_each_and_replays(bench: Bench, receiver: Receiver) -> None:
    gates = [gated().steps[0] for _ in range(3)]
    for number, gate in enumerate(gates):
        gate.name = f"gate {number}"
    workflow = Workflow(name="gated", steps=[Parallel(*gates, name="all")])
    async with bench.worker(workflow, webhooks=telling(receiver), max_cached_workflows=0):
        run_id = await bench.start(workflow, "x")
        for _ in gates:
            await bench.runs.wait(run_id)
            asked = (await bench.runs.requirements(run_id))[0]
            await bench.runs.decide(run_id, _confirmed(asked.requirement.id))
        await bench.ended(run_id)

        async def told() -> bool:
            return len(receiver.taken) == 7

        await eventually("three questions, three answers and the end", told)
    assert len({one.id for one in receiver.taken}) == 7
    await replays(bench.client, run_id)


def _confirmed(requirement_id: str) -> Decision:
    return Decision(requirement_id, Action.CONFIRM)

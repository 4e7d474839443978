"""What is told of a run that `temporal workflow reset` has put back: what becomes true from there on, also a second
time, and under ids that no receiver knows."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from agno_temporal.follow.terminating import terminate
from agno_temporal.hitl import Action, Decision
from tests.running.tools import closed_as, replays
from tests.support import Bench, eventually
from tests.upgrades.resets import Scene
from tests.webhooks.receiver import Message, Receiver
from tests.webhooks.scenes import telling
from tests.webhooks.test_reminders import HOUR, reminder_id, waits

Told = Callable[[int], Awaitable[list[tuple[str, str | None]]]]


@pytest.fixture
def told(receiver: Receiver) -> Told:
    """What was told, once it is so much, in no order: of each fact its type, and whose question it is, or how it ended.
    No two have the same id."""

    async def read(count: int) -> list[tuple[str, str | None]]:
        async def all_of_it() -> bool:
            return len(receiver.taken) >= count

        await eventually(f"{count} messages; there are {receiver.types}", all_of_it)
        assert len({one.id for one in receiver.taken}) == len(receiver.taken)
        return sorted((one.type, one.data.get("step_name") or one.data.get("status")) for one in receiver.taken)

    return read


async def completed(scene: Scene, told: Told | None = None) -> tuple[int, int]:
    """Run it to its end. Returns the tasks that opened its second gate, and that took the decision of it.

    Args:
        told: Where questions are told of: the second one is before it is decided, and not with the decision.
    """
    await scene.start()
    await scene.decide("update")
    if told is not None:
        await told(3)
    await scene.decide("update")
    await scene.bench.ended(scene.run_id)
    events = (await scene.bench.client.get_workflow_handle(scene.run_id).fetch_history()).events
    _, _, b, *_ = [one.event_id for one in events if one.HasField("activity_task_completed_event_attributes")]
    _, second = [one.event_id for one in events if one.HasField("workflow_execution_update_accepted_event_attributes")]
    tasks = await scene.tasks()
    return next(one for one in tasks if one > b), max(one for one in tasks if one < second)


def happened(message: Message) -> str:
    return str(json.loads(message.body)["timestamp"])


GATE = [("requirement.opened", "g"), ("requirement.decided", "g")]
AGAIN = [("requirement.opened", "h"), ("requirement.decided", "h"), ("run.finished", "COMPLETED")]


async def test_what_is_asked_decided_and_ended_behind_that_place_is_told_again_and_nothing_else(
    bench: Bench, receiver: Receiver, told: Told
) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow, webhooks=telling(receiver)):
        opened, _ = await completed(scene, told)
        assert await told(5) == sorted([*GATE, *AGAIN])
        await scene.reset(opened)
        await scene.decide("update", "bob")
        await bench.ended(scene.run_id)
        assert await told(8) == sorted([*GATE, *AGAIN, *AGAIN])
    deciders = [one.data["decision"]["decided_by"] for one in receiver.taken if one.type == "requirement.decided"]
    assert sorted(deciders) == ["ana", "ana", "bob"]
    await replays(bench.client, scene.run_id)


async def test_what_is_open_at_that_place_is_told_again_because_it_was_told_as_decided(
    bench: Bench, receiver: Receiver, told: Told
) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow, webhooks=telling(receiver)):
        _, took = await completed(scene, told)
        await told(5)
        await scene.reset(took, "update")
        assert await told(6) == sorted([*GATE, *AGAIN, ("requirement.opened", "h")])
        first, again = [one for one in receiver.taken if (one.type, one.data.get("step_name")) == AGAIN[0]]
        assert first.data == again.data
        assert happened(again) >= happened(first)
    await replays(bench.client, scene.run_id)


async def test_a_decision_that_waits_for_a_worker_after_the_reset_is_told_with_the_end_that_it_makes(
    bench: Bench, receiver: Receiver, told: Told
) -> None:
    """All of it happens in the task in which the run hears that it was put back."""
    scene = Scene(bench, on_reject="cancel")
    async with bench.worker(scene.workflow, webhooks=telling(receiver)):
        _, took = await completed(scene, told)
        await told(5)
        (_, asked) = (await bench.runs.manifest(scene.run_id)).asked
    await scene.reset(took, "update")
    await bench.runs.signal(scene.run_id, Decision(asked.requirement.id, Action.REJECT, decided_by="bob"))
    async with bench.worker(scene.workflow, webhooks=telling(receiver)):
        assert (await bench.ended(scene.run_id)).status == "CANCELLED"
        anew = [("requirement.decided", "h"), ("run.finished", "CANCELLED")]
        assert await told(7) == sorted([*GATE, *AGAIN, *anew])


async def test_put_back_to_its_first_task_it_tells_everything_again(
    bench: Bench, receiver: Receiver, told: Told
) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow, webhooks=telling(receiver)):
        await completed(scene, told)
        await told(5)
        await scene.reset((await scene.tasks())[0], "update")
        await scene.decide("update", "bob")
        await scene.decide("update", "bob")
        await bench.ended(scene.run_id)
        assert await told(10) == sorted([*GATE, *AGAIN] * 2)


async def test_terminated_after_it_was_put_back_it_is_told_of_once_more_and_only_once(
    bench: Bench, receiver: Receiver, told: Told
) -> None:
    scene = Scene(bench)
    async with bench.worker(scene.workflow, webhooks=telling(receiver, "run.finished")):
        _, took = await completed(scene)
        await told(1)
        await scene.reset(took, "update")
        await bench.paused(scene.run_id)
        assert [await terminate(bench.client, scene.run_id, "why") for _ in range(2)] == [True, False]
        assert await told(2) == [("run.finished", "COMPLETED"), ("run.finished", "ERROR")]


async def test_what_is_open_again_is_reminded_of_again(bench: Bench, receiver: Receiver) -> None:
    """The decision had withdrawn the reminder."""
    scene = Scene(bench, timeout=8 * HOUR)
    async with bench.worker(scene.workflow, webhooks=telling(receiver, "requirement.reminder")):
        _, took = await completed(scene)
        (_, asked) = (await bench.runs.manifest(scene.run_id)).asked
        await scene.reset(took, "update")
        await bench.paused(scene.run_id)
        now = (await bench.client.get_workflow_handle(scene.run_id).describe()).run_id
        again = await reminder_id(bench.client, scene.run_id, asked.requirement.id, now)
        assert (await waits(bench, again)).total_seconds() == pytest.approx(6 * HOUR, abs=60)
        await scene.decide("update", "bob")
        await bench.ended(scene.run_id)
        assert await closed_as(bench.client, again) is WorkflowExecutionStatus.TERMINATED


async def test_a_reminder_of_what_was_asked_behind_that_place_is_not_sent(bench: Bench, receiver: Receiver) -> None:
    """The run is open, and asks the same again; but that has been decided."""
    scene = Scene(bench, timeout=300)
    webhooks = telling(receiver, "requirement.reminder", remind_before=timedelta(seconds=296))
    async with bench.worker(scene.workflow, webhooks=webhooks):
        await scene.start()
        (asked,) = await bench.paused(scene.run_id)
        left = await reminder_id(bench.client, scene.run_id, asked.requirement.id)
        await waits(bench, left)
        await scene.reset((await scene.tasks())[0])
        await scene.decide("update")
        await bench.paused(scene.run_id)
        assert await bench.client.get_workflow_handle(left).result() == {"ops": "obsolete"}
    assert asked.requirement.id not in [one.data["requirement_id"] for one in receiver.taken]

"""Reminders before a deadline: told while the question is open, and never after."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from agno_temporal import Webhooks
from agno_temporal.contract.notices import NoticeType, notice_id
from tests.running.tools import Clock, closed_as
from tests.support import Bench, eventually
from tests.webhooks.receiver import Receiver
from tests.webhooks.scenes import SOON, confirm, gated, telling

HOUR = 3600


async def reminder_id(client: Client, run_id: str, requirement_id: str, told_in: str | None = None) -> str:
    """Of the first reminder of a question.

    Args:
        told_in: The Temporal run that has asked it; the run's first one, if none is named.
    """
    if told_in is None:
        told_in = (await client.get_workflow_handle(run_id).describe()).raw_info.first_run_id
    return notice_id(run_id, f"{requirement_id}/0", NoticeType.REMINDER, told_in)


async def waits(bench: Bench, notice: str) -> timedelta:
    """How long after the question opened a reminder is to be sent."""

    async def started() -> bool:
        try:
            return await closed_as(bench.client, notice) is WorkflowExecutionStatus.RUNNING
        except RPCError:
            return False

    await eventually("the reminder on its way", started)
    first = (await bench.client.get_workflow_handle(notice).fetch_history()).events[0]
    return first.workflow_execution_started_event_attributes.first_workflow_task_backoff.ToTimedelta()


@pytest.mark.parametrize(
    ("remind_before", "after"),
    [(0.25, 6 * HOUR), (timedelta(hours=1), 7 * HOUR), ([timedelta(hours=1), 0.5], 7 * HOUR)],
    ids=["in-the-last-quarter", "an-hour-before", "the-first-of-two"],
)
async def test_it_comes_a_share_or_a_span_before_the_deadline(
    bench: Bench, receiver: Receiver, remind_before: object, after: int
) -> None:
    workflow = gated(timeout=8 * HOUR)
    webhooks = telling(receiver, "requirement.reminder", remind_before=remind_before)
    async with bench.worker(workflow, webhooks=webhooks):
        run_id = await bench.start(workflow, "x")
        [asked] = await bench.paused(run_id)
        assert (
            await waits(bench, await reminder_id(bench.client, run_id, asked.requirement.id))
        ).total_seconds() == pytest.approx(after, abs=60)


async def test_it_repeats_the_question_while_it_is_open(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(timeout=300)
    webhooks = telling(receiver, "requirement.reminder", remind_before=timedelta(seconds=299))
    async with bench.worker(workflow, webhooks=webhooks):
        run_id = await bench.start(workflow, "x")
        [asked] = await bench.paused(run_id)
        [reminder] = await receiver.has("requirement.reminder")
    assert reminder.data["requirement_id"] == asked.requirement.id
    assert reminder.data["message"] == "Deploy?"


async def test_a_decision_withdraws_it(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(timeout=8 * HOUR)
    async with bench.worker(workflow, webhooks=telling(receiver, "requirement.reminder")):
        run_id = await bench.start(workflow, "x")
        [asked] = await bench.paused(run_id)
        reminder = await reminder_id(bench.client, run_id, asked.requirement.id)
        await waits(bench, reminder)
        await confirm(bench, run_id)
        await bench.ended(run_id)
        assert await closed_as(bench.client, reminder) is WorkflowExecutionStatus.TERMINATED


async def test_a_deadline_that_passes_withdraws_one_that_has_not_arrived(
    bench: Bench, client: Client, clock: Clock, receiver: Receiver
) -> None:
    receiver.status = 500
    workflow = gated(timeout=8 * HOUR, on_timeout="skip")
    webhooks = telling(receiver, remind_before=timedelta(hours=8, seconds=-1))
    async with bench.worker(workflow, webhooks=webhooks):
        run_id = await bench.start(workflow, "x")
        [asked] = await bench.paused(run_id)
        reminder = await reminder_id(bench.client, run_id, asked.requirement.id)

        async def tried() -> bool:
            return reminder in receiver.attempts

        await eventually("an attempt to remind", tried)
        await clock.forward(run_id, 9 * HOUR)
        await bench.ended(run_id)
        assert await closed_as(client, reminder) is WorkflowExecutionStatus.TERMINATED
        receiver.status = 200
        await receiver.has("requirement.opened", "requirement.expired", "run.finished")
    assert "requirement.reminder" not in receiver.types


async def test_behind_the_deadline_nobody_is_reminded(bench: Bench, receiver: Receiver) -> None:
    """No worker was there when it passed, and the one that withdraws the reminder is the one that sends it."""
    workflow = gated(timeout=3)
    webhooks = telling(receiver, "requirement.reminder", remind_before=timedelta(seconds=1.5))
    async with bench.worker(workflow, webhooks=webhooks):
        run_id = await bench.start(workflow, "x")
        [asked] = await bench.paused(run_id)
        reminder = await reminder_id(bench.client, run_id, asked.requirement.id)
    await asyncio.sleep(3.5)
    async with bench.worker(workflow, webhooks=webhooks):
        await bench.ended(run_id)
        await closed_as(bench.client, reminder)
    assert receiver.attempts == []


async def test_a_run_that_was_terminated_is_reminded_of_no_more(bench: Bench, receiver: Receiver) -> None:
    workflow = gated(timeout=300)
    webhooks = telling(receiver, "requirement.reminder", remind_before=timedelta(seconds=298.5))
    async with bench.worker(workflow, webhooks=webhooks):
        run_id = await bench.start(workflow, "x")
        [asked] = await bench.paused(run_id)
        reminder = await reminder_id(bench.client, run_id, asked.requirement.id)
        await waits(bench, reminder)
        await bench.client.get_workflow_handle(run_id).terminate()
        assert await bench.client.get_workflow_handle(reminder).result() == {"ops": "obsolete"}
    assert receiver.attempts == []


async def test_what_has_no_deadline_or_too_little_time_is_not_reminded_of(bench: Bench, receiver: Receiver) -> None:
    lead = timedelta(hours=1)
    webhooks = Webhooks([receiver.webhook(events=["requirement.reminder", "run.finished"])], remind_before=lead, **SOON)
    for timeout in (None, 1800):
        workflow = gated(timeout=timeout)
        async with bench.worker(workflow, webhooks=webhooks):
            run_id = await bench.start(workflow, "x")
            await confirm(bench, run_id)
            await bench.ended(run_id)
            types = (await bench.client.get_workflow_handle(run_id).fetch_history()).events
            markers = [one for one in types if one.HasField("marker_recorded_event_attributes")]
            assert len(markers) == 2, "one that opens the run, and one that tells of its end"

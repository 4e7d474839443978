"""What a run tells the outside, beside everything that it does.

A receiver may hang, or be down for days; a pause, a decision, a step and the end of the run must not notice. So a run
never waits for a receiver. It hands each fact over to a workflow of its own, which delivers it for as long as that
takes (`workflows.delivery`). Handing over is a start of a workflow at Temporal, some milliseconds in a local activity,
and one event; the end of the run waits for no more than that.

A local activity holds back what its workflow task decides, until it is done. Behind an open pause there is nothing to
hold back. Behind a decision there is the step that it lets go; so that is told from the next workflow task on, which a
timer brings about at once.

Only a run whose audience was recorded when it opened does any of this. Of all others the history is as it was.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

from agno_temporal.contract.notice_data import Data, answer_data, end_data, question_data, run_data
from agno_temporal.contract.notices import Audience, Notice, NoticeType, NotifyTask, notice_id
from agno_temporal.hitl import Actor, Requirement, Resolution
from agno_temporal.workflows import calls
from agno_temporal.workflows.run_state import RunState

BESIDE = timedelta(milliseconds=1)
"""The next workflow task."""


class Notices:
    """The facts of a run, on their way out."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._audience = Audience()
        self._announced: dict[str, tuple[Notice, ...]] = {}
        self._under_way: list[asyncio.Task[None]] = []
        self._ending = False

    def begin(self, audience: Audience | None) -> None:
        self._audience = audience or Audience()

    def opened(self, requirement: Requirement) -> None:
        """A question can be seen. Its reminders are on their way from here on too, and wait outside."""
        if not self._audience.listeners:
            return
        data = question_data(self._run(), requirement)
        opened = self._notices(requirement.id, NoticeType.OPENED, requirement.opened_at, data)
        reminders = self._reminders(requirement, data)
        self._announced[requirement.id] = reminders
        self._hand_over(NotifyTask((*opened, *reminders)))

    def closed(self, requirement: Requirement) -> None:
        """A question has its answer, and is asked of nobody any more."""
        reminders = self._announced.pop(requirement.id, None)
        resolution = self._state.ledger.resolution(requirement.id)
        if reminders is None or resolution is None:
            return
        data = answer_data(self._run(), requirement, resolution)
        notices = self._notices(requirement.id, _type_of(resolution), resolution.at, data)
        self._hand_over(NotifyTask(notices, tuple(one.id for one in reminders)), beside=BESIDE)

    async def finished(self) -> None:
        """The run has ended. Returns once all that it has told is in other hands."""
        self._ending = True
        state = self._state
        if self._audience.listeners:
            data = end_data(self._run(), state.status, state.started_at, state.duration, state.error_type)
            self._hand_over(NotifyTask(self._notices("", NoticeType.FINISHED, workflow.time(), data)))
        for task in self._under_way:
            while not task.done():
                with suppress(asyncio.CancelledError):  # The run had ended, so that there is nothing to cancel.
                    await asyncio.shield(task)
            task.result()

    def _notices(self, subject: str, type: NoticeType, at: float, data: Data) -> tuple[Notice, ...]:
        """The fact, if anybody wants to hear it."""
        to = self._audience.of(type)
        return (Notice(notice_id(self._state.run_id, subject, type), type.value, at, data, to),) if to else ()

    def _reminders(self, requirement: Requirement, data: Data) -> tuple[Notice, ...]:
        """One for each lead that there is time for."""
        to, deadline, run_id = self._audience.of(NoticeType.REMINDER), requirement.deadline, self._state.run_id
        if not to or deadline is None:
            return ()
        time = deadline - requirement.opened_at
        moments = {number: deadline - lead.of(time) for number, lead in enumerate(self._audience.reminders)}
        return tuple(
            Notice(
                notice_id(run_id, f"{requirement.id}/{number}", NoticeType.REMINDER),
                NoticeType.REMINDER.value,
                at,
                data,
                to,
                delay=max(0.0, at - workflow.time()),
                while_open=run_id,
            )
            for number, at in moments.items()
            if at > requirement.opened_at
        )

    def _hand_over(self, task: NotifyTask, beside: timedelta | None = None) -> None:
        if not task.notices and not task.withdrawn:
            return
        for done in (one for one in self._under_way if one.done()):
            done.result()  # A fault of ours fails the workflow task, here as everywhere.
        self._under_way = [one for one in self._under_way if not one.done()]
        before = self._under_way[-1] if self._under_way else None
        self._under_way.append(asyncio.create_task(self._handed_over(task, before, beside)))

    async def _handed_over(self, task: NotifyTask, before: asyncio.Task[None] | None, beside: timedelta | None) -> None:
        """One after the other, so that no reminder is withdrawn before it is on its way."""
        if beside is not None:
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._ending, timeout=beside, timeout_summary="to be told")
        if before is not None:
            await before
        await calls.notify(self._state, task)

    def _run(self) -> Data:
        state = self._state
        name = state.plan.workflow_name if state.plan else None
        return run_data(state.run_id, state.workflow_id, name, state.opened.session_id or None, state.opened.user_id)


def _type_of(resolution: Resolution) -> NoticeType:
    return NoticeType.EXPIRED if resolution.decision.decided_by == Actor.TIMER else NoticeType.DECIDED

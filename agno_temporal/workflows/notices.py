"""What a run tells the outside, beside everything that it does.

A receiver may hang, or be down for days; a pause, a decision, a step and the end of the run must not notice. So a run
never waits for a receiver. It hands each fact over to a workflow of its own, which delivers it for as long as that
takes (`workflows.delivery`). Handing over is a start of a workflow at Temporal, some milliseconds in a local activity,
and one event; the end of the run waits for no more than that.

A local activity holds back whatever its workflow task decides, until it is done: a pause would be seen later, a step
begin later behind the decision that lets it go. So nothing is handed over in the task in which it becomes true, but in
the next one, which a timer brings about at once. The end is told in its own task, where nothing is left to be held
back; but what quick steps did is in no history until theirs is over, so that behind them it waits for that too. A task
that is lost with its worker may have told of the end, and the next one may bring a cancel: so the end's id is that of
the status too, and both are told.

A run that is put back (`workflows.put_back`) goes on in another Temporal run. What becomes true from there on is told
from there on, also where it was before: its ids are those of the Temporal run (`contract.notices.notice_id`). What it
asks at that place is told once more, with its reminders, because somebody may have been told meanwhile that it was
decided; and what the Temporal run before has still to send of that kind is left behind (`activities.deliver`). What was
decided before that place is told no second time.

Only a run whose audience was recorded when it opened does any of this. Of all others the history is as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.contract.notice_data import Data, answer_data, end_data, question_data, run_data
from agno_temporal.contract.notices import Audience, Notice, NoticeType, NotifyTask, notice_id
from agno_temporal.hitl import Actor, Requirement, Resolution
from agno_temporal.workflows import calls, quick
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.waiting import NEXT_TASK, until

AT_ONCE = 20
"""Notices that are handed over together. Each has at most 16 KB."""


class Notices:
    """The facts of a run, on their way out."""

    __slots__ = (
        "_asked_here",
        "_audience",
        "_ending",
        "_handing_over",
        "_reminders_of",
        "_state",
        "_waiting",
        "_withdrawn",
    )

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._audience = Audience()
        self._reminders_of: dict[str, tuple[Notice, ...]] = {}
        self._asked_here: set[str] = set()
        self._waiting: list[Notice] = []
        self._withdrawn: list[str] = []
        self._handing_over: asyncio.Task[None] | None = None
        self._ending = False

    def begin(self, audience: Audience | None) -> None:
        self._audience = audience or Audience()

    def opened(self, requirement: Requirement) -> None:
        """A question can be seen. Its reminders are on their way from here on too, and wait outside."""
        if self._audience.listeners:
            self._ask(requirement, requirement.opened_at)

    def put_back(self) -> None:
        """The run was reset. What it asks may have been told as decided since."""
        self._asked_here = set()

    def ask_again(self) -> None:
        """Tell of those once more."""
        now = workflow.time()
        asked = [one for one in self._state.ledger.opened() if self._was_asked_before(one, now)]
        if asked and self._audience.by_run and workflow.patched(names.PUT_BACK_TOLD):
            for requirement in asked:
                self._ask(requirement, now)

    def _was_asked_before(self, requirement: Requirement, now: float) -> bool:
        is_over = requirement.deadline is not None and requirement.deadline <= now
        return requirement.id in self._reminders_of and requirement.id not in self._asked_here and not is_over

    def _ask(self, requirement: Requirement, since: float) -> None:
        data = question_data(self._run(), requirement)
        reminders = self._reminders(requirement, data, since)
        now_sent = {one.id for one in reminders}
        before = self._reminders_of.get(requirement.id, ())
        self._withdrawn += [one.id for one in before if one.id not in now_sent]
        self._reminders_of[requirement.id] = reminders
        self._asked_here.add(requirement.id)
        self._tell(*self._notices(requirement.id, NoticeType.OPENED, since, data), *reminders)

    def closed(self, requirement: Requirement) -> None:
        """A question has its answer, and is asked of nobody any more."""
        reminders = self._reminders_of.pop(requirement.id, None)
        resolution = self._state.ledger.resolution(requirement.id)
        if reminders is None or resolution is None:
            return
        self._withdrawn += [one.id for one in reminders]
        data = answer_data(self._run(), requirement, resolution)
        self._tell(*self._notices(requirement.id, _type_of(resolution), resolution.at, data))

    @property
    def idle(self) -> bool:
        """Whether all that was told so far is in other hands."""
        return not self._waiting and not self._withdrawn and (self._handing_over is None or self._handing_over.done())

    def reminders(self) -> dict[str, tuple[Notice, ...]]:
        """Those of open questions, by the question's id."""
        return dict(self._reminders_of)

    def go_on(self, audience: Audience | None, reminders: Mapping[str, tuple[Notice, ...]]) -> None:
        """For a run that began in another Temporal run."""
        self.begin(audience)
        self._reminders_of = {**reminders}

    async def finished(self) -> None:
        """The run has ended. Returns once all that it has told is in other hands."""
        self._ending = True
        state = self._state
        if self._audience.listeners:
            data = end_data(self._run(), state.status, state.started_at, state.duration, state.error_type)
            self._tell(*self._notices(state.status, NoticeType.FINISHED, workflow.time(), data))
        while (task := self._handing_over) is not None and not task.done():
            with suppress(asyncio.CancelledError):  # The run had ended, so that there is nothing to cancel.
                await asyncio.shield(task)
        if task is not None:
            task.result()

    def _tell(self, *notices: Notice) -> None:
        self._waiting += notices
        if not self._waiting and not self._withdrawn:
            return
        if self._handing_over is not None and self._handing_over.done():
            self._handing_over.result()  # A fault of ours fails the workflow task, here as everywhere.
            self._handing_over = None
        if self._handing_over is None:
            self._handing_over = asyncio.create_task(self._hand_over())

    async def _hand_over(self) -> None:
        """One batch after the other, so that no reminder is withdrawn before it is on its way."""
        while self._waiting or self._withdrawn:
            if await until(lambda: self._ending, NEXT_TASK, "to be told"):
                self._state.pace.passed()
            if self._ending and self._state.unrecorded and workflow.patched(names.TOLD_WHEN_RECORDED):
                await quick.recorded(self._state)
            batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            withdrawn: list[str] = []
            if not self._waiting:
                withdrawn, self._withdrawn = self._withdrawn, []
            await calls.notify(self._state, NotifyTask(tuple(batch), tuple(withdrawn)))

    def _notices(self, subject: str, type: NoticeType, at: float, data: Data) -> tuple[Notice, ...]:
        """The fact, if anybody wants to hear it."""
        to = self._audience.of(type)
        return (Notice(self._id(subject, type), type.value, at, data, to),) if to else ()

    def _reminders(self, requirement: Requirement, data: Data, since: float) -> tuple[Notice, ...]:
        """One for each lead that there is time for, where the question is told at `since`."""
        to, deadline, run_id = self._audience.of(NoticeType.REMINDER), requirement.deadline, self._state.run_id
        if not to or deadline is None:
            return ()
        time = deadline - requirement.opened_at
        moments = {number: deadline - lead.of(time) for number, lead in enumerate(self._audience.reminders)}
        return tuple(
            Notice(
                self._id(f"{requirement.id}/{number}", NoticeType.REMINDER),
                NoticeType.REMINDER.value,
                at,
                data,
                to,
                delay=max(0.0, at - workflow.time()),
                while_open=run_id,
                told_in=self._told_in,
            )
            for number, at in moments.items()
            if at > since
        )

    def _id(self, subject: str, type: NoticeType) -> str:
        return notice_id(self._state.run_id, subject, type, self._told_in)

    @property
    def _told_in(self) -> str | None:
        """This Temporal run. Where the run was put back, a replay has another one here than had told it; but no command
        depends on it, and what was handed over is not handed over again."""
        return self._audience.told_in(workflow.info().run_id)

    def _run(self) -> Data:
        state = self._state
        name = state.plan.workflow_name if state.plan else None
        return run_data(state.run_id, state.workflow_id, name, state.opened.session_id or None, state.opened.user_id)


def _type_of(resolution: Resolution) -> NoticeType:
    return NoticeType.EXPIRED if resolution.decision.decided_by == Actor.TIMER else NoticeType.DECIDED

"""A pause: waiting for a decision or for the deadline, whichever the server saw first.

A timer and a decision can reach the workflow in one activation. After an outage Temporal delivers both `TimerFired` and
every signal that was sent since, and `wait_condition` then sees the decision first, although the deadline had passed
hours before it was made. The wait's own timeout is therefore not enough.

So the order is decided from the server's clock alone: handled before the deadline, a decision counts (`handlers`
records it); a signal handled at or after the deadline is only a suspect, and counts if the event that carried it was
written before the deadline, which an activity reads from the history.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace

from temporalio import workflow

from agno_temporal.contract import names
from agno_temporal.contract.journal import Asking
from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.outputs import Output, bare
from agno_temporal.contract.tasks import Flow, Named
from agno_temporal.hitl import (
    Action,
    Actor,
    Decision,
    Outcome,
    Refusal,
    RefusalCode,
    Requirement,
    Resolution,
    Rules,
    outcome_of,
    timer_decision,
)
from agno_temporal.workflows import calls
from agno_temporal.workflows.journal import Strand, current
from agno_temporal.workflows.notices import Notices
from agno_temporal.workflows.question_events import tell_answer, tell_question
from agno_temporal.workflows.run_state import RunState
from agno_temporal.workflows.waiting import until


@dataclass(frozen=True, slots=True)
class Suspect:
    """A signal that was handled at or after its requirement's deadline. `ordinal` is its place among all signals."""

    ordinal: int
    decision: Decision


class Gates:
    """The open pauses of a run, and the signals that may have come too late for them."""

    def __init__(self, state: RunState, notices: Notices) -> None:
        self._state = state
        self._notices = notices
        self._suspects: dict[str, list[Suspect]] = {}
        self._not_begun: dict[str, Requirement] = {}

    def judge(self, decision: Decision, now: float, rules: Rules = Rules.NOW) -> Resolution | Refusal:
        """What a decision would do. Nothing is late for a requirement whose time has not begun."""
        verdict = self._state.ledger.judge(decision, now, rules)
        waiting = self._not_begun.get(decision.requirement_id)
        if waiting is None or not isinstance(verdict, Refusal) or verdict.code is not RefusalCode.EXPIRED:
            return verdict
        verdict = self._state.ledger.judge(decision, waiting.opened_at, rules)
        return replace(verdict, at=now) if isinstance(verdict, Resolution) else verdict

    def judge_taken(self, decision: Decision, now: float) -> Resolution | Refusal:
        """The same of an update that the validator has let through, today or in an earlier version."""
        verdict = self.judge(decision, now)
        return self.judge(decision, now, Rules.FIRST) if isinstance(verdict, Refusal) else verdict

    def judge_unseen(self, decision: Decision, now: float) -> Resolution | Refusal:
        """The same of what no validator has seen. Where it was judged by an earlier version, a replay judges as that
        did. The patch is asked about where the rules differ alone, so that no other decision writes a marker."""
        verdict, first = (self.judge(decision, now, rules) for rules in (Rules.NOW, Rules.FIRST))
        if isinstance(verdict, Refusal) is isinstance(first, Refusal) or workflow.patched(names.FORMS_JUDGED_ANEW):
            return verdict
        return first

    @property
    def has_suspects(self) -> bool:
        """Whether a signal waits for its question's timer: its place is in this Temporal run's history."""
        return any(self._state.ledger.resolution(one) is None for one in self._suspects)

    def suspect(self, suspect: Suspect) -> None:
        self._suspects.setdefault(suspect.decision.requirement_id, []).append(suspect)

    async def ask(self, requirement: Requirement, flow: Flow | None, output: Output | None) -> tuple[Outcome, bool]:
        """Open a requirement, wait for its resolution, and say what that does; and whether the timer decided."""
        strand = current()
        before = strand.told(Asking)
        decision = before.decision if before else None
        if decision is None:
            decision = await self._decided(strand, requirement, flow, output, opened=before is not None)
        outcome = outcome_of(requirement, decision)
        tell_answer(self._state.events, requirement, outcome)
        return outcome, decision.decided_by == Actor.TIMER

    async def _decided(
        self, strand: Strand, requirement: Requirement, flow: Flow | None, output: Output | None, *, opened: bool
    ) -> Decision:
        """Open it, unless an earlier Temporal run of this run did, and wait."""
        state = self._state
        if not opened:
            strand.add(Asking(requirement.id))
            state.asked[requirement.id] = Asked(requirement, _bare_flow(flow), bare(output) if output else None)
            state.ledger.open(requirement)
            state.mark(requirement.path, "waiting")
        try:
            if not opened:
                with state.events.held():
                    tell_question(state.events, requirement, output)
                    requirement = await self._announce(requirement)
                self._notices.opened(requirement)
            strand.still = True
            decision = (await self._resolved(state.ledger.requirement(requirement.id) or requirement)).decision
        except asyncio.CancelledError:
            try:
                await self._cancelled(requirement)
            finally:
                self._notices.closed(requirement)
            raise
        finally:
            strand.still = False
        self._notices.closed(requirement)
        strand.take_back()
        strand.add(Asking(requirement.id, decision))
        return decision

    async def _announce(self, requirement: Requirement) -> Requirement:
        """Make the pause known. An approval by timer counts its time from here: nothing that nobody could have seen
        is approved."""
        timeout = requirement.policy.timeout
        plan = self._state.plan
        if timeout is None or requirement.policy.on_timeout != "approve" or plan is None or not plan.has_db:
            await calls.project(self._state)
            return requirement
        self._not_begun[requirement.id] = requirement
        await calls.project(self._state)
        del self._not_begun[requirement.id]
        requirement = replace(requirement, deadline=workflow.time() + timeout)
        self._state.ledger.open(requirement)
        return requirement

    async def _resolved(self, requirement: Requirement) -> Resolution:
        ledger = self._state.ledger
        self._state.pace.heed_cancel()
        fired = False  # Then the time is over, also where a replay dates the question later than it was asked.
        while True:
            if (resolution := ledger.resolution(requirement.id)) is not None:
                return resolution
            left = None if requirement.deadline is None else requirement.deadline - workflow.time()
            if left is not None and (fired or left <= 0):
                return await self._expired(requirement)
            if left is None:
                await workflow.wait_condition(lambda: ledger.resolution(requirement.id) is not None)
            else:
                what = f"deadline of {requirement.step_name}"
                fired = await until(lambda: ledger.resolution(requirement.id) is not None, left, what)

    async def _expired(self, requirement: Requirement) -> Resolution:
        """The first signal written before the deadline, or the timer. The others are shown as refused."""
        self._state.pace.passed()
        await self._look_up_suspects(requirement)
        return self._close(timer_decision(requirement))

    async def _cancelled(self, requirement: Requirement) -> None:
        """Nothing is to run any more; but who decided in time has decided, and who did not is shown as refused."""
        try:
            if self._suspected(requirement.id) and workflow.patched(names.SUSPECTS_OF_CANCELLED):
                await self._look_up_suspects(requirement)
        finally:
            self._close(Decision(requirement.id, Action.CANCEL, decided_by=Actor.CANCEL.value))

    async def _look_up_suspects(self, requirement: Requirement) -> None:
        """Judge the suspects by the times at which they were written, until one of them wins."""
        ledger = self._state.ledger
        while ledger.resolution(requirement.id) is None and (batch := [*self._suspected(requirement.id)]):
            times = await calls.event_times(self._state, tuple(suspect.ordinal for suspect in batch))
            self._suspects[requirement.id] = self._suspected(requirement.id)[len(batch) :]
            for suspect, written in zip(batch, times.times, strict=True):
                self._judge(suspect, math.inf if written is None else written)

    def _close(self, decision: Decision) -> Resolution:
        """Who has decided before stands; suspects that are left lose, and are told so."""
        resolution = self._state.ledger.resolution(decision.requirement_id)
        if resolution is None:
            resolution = Resolution(decision, workflow.time())
            self._state.ledger.record(resolution)
        for suspect in self._suspects.pop(decision.requirement_id, []):
            self._judge(suspect, math.inf)
        return resolution

    def _suspected(self, requirement_id: str) -> list[Suspect]:
        return self._suspects.get(requirement_id, [])

    def _judge(self, suspect: Suspect, written: float) -> None:
        verdict = self.judge_unseen(suspect.decision, written)
        if isinstance(verdict, Resolution):
            self._state.ledger.record(verdict)
        else:
            self._state.refuse_signal(f"{suspect.decision.action.value}: {verdict.message}")


def _bare_flow(flow: Flow | None) -> Flow | None:
    return flow and replace(flow, previous=tuple(Named(named.name, bare(named.output)) for named in flow.previous))

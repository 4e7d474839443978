"""One decision on its way to the run, and what its sender is answered.

An answer may be lost on its way back, and whoever sends the decision again must not decide twice; so each has a key.
The caller's `Idempotency-Key` is the decision's id; one is drawn where there is none, and named in every answer, so
that a decision whose outcome is unknown can be sent again.

No worker, no judgement: then the answer is 503, and the decision may be taken or not; so it is where this server stops
before a worker has answered. Who prefers it so (`preferences`) has it left for the run instead, under the same key, and
is answered 202: it is applied when a worker comes, in the order in which Temporal recorded it, and beats the deadline
only if it was recorded before that.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from agno_temporal.agno_bridge.run_table import OPEN, has_run_rows, stored_head
from agno_temporal.api.access import Principal, isolated, visible
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.decision_bodies import Body
from agno_temporal.api.foreseen import refuse_foreseen
from agno_temporal.api.preferences import Preferences
from agno_temporal.api.problems import RETRY_AFTER, TITLES, Problem
from agno_temporal.api.recalling import recalled
from agno_temporal.api.refusals import refused
from agno_temporal.api.service import Service
from agno_temporal.api.stopping import ServerStops, until_it_stops
from agno_temporal.client import DecisionRefused, OutcomeUnknown, RunNotFound
from agno_temporal.hitl import Decision, Refusal, RefusalCode, Resolution
from agno_temporal.views.documents import resolution_document

_ID = re.compile("[0-9a-f-]{36}")
"""What ids of requirements are made of. Nothing else is sent to a run."""

LAST_ANSWERS = 8.0
"""Seconds in which a decision may still be answered when the server stops: less than it waits for requests."""


@dataclass(frozen=True)
class Call:
    """A request to decide, before its body is known."""

    service: Service
    principal: Principal
    run_id: str
    requirement_id: str
    key: str
    prefers: Preferences
    stops: asyncio.Event

    async def give(self, body: Body) -> JsonAnswer:
        """Send the decision, and answer with its record; or with 202, where it was left for the run.

        Raises:
            Problem: It changes nothing, or nobody answered.
        """
        await visible(self.service, self.principal, self.run_id)
        decision = body.decision(self.requirement_id, self.principal.id, self.key)
        try:
            answer = await self._in_time(decision)
        except Problem as problem:
            self.service.metrics.refused(decision.action, problem.type)
            raise
        self.service.metrics.decided(decision.action, answer.status_code == 202)
        return answer

    async def _in_time(self, decision: Decision) -> JsonAnswer:
        try:
            async with until_it_stops(self.stops, LAST_ANSWERS):
                return await self._answered(decision)
        except ServerStops as error:
            raise self._unknown() from error

    async def _answered(self, decision: Decision) -> JsonAnswer:
        try:
            _refuse_unfit(decision)
            resolution = await self._sent(decision)
        except DecisionRefused as error:
            resolution = await self._recalled(decision, error.refusal)
        except RunNotFound as error:
            resolution = await self._recalled(decision, await self._forgotten(error))
        headers = {"Idempotency-Key": self.key}
        if resolution is not None:
            return JsonAnswer({**self._place, **resolution_document(resolution)}, headers=headers)
        headers |= {"Preference-Applied": self.prefers.applied(), "Location": f"../{self.requirement_id}"}
        return JsonAnswer(self._accepted(decision), 202, headers)

    async def _sent(self, decision: Decision) -> Resolution | None:
        """The record; None where the decision was left for the run."""
        if self.prefers.at_once:
            return await self._left(decision)
        try:
            return await self.service.runs.decide(self.run_id, decision, self.prefers.wait)
        except OutcomeUnknown as error:
            if not self.prefers.respond_async:
                raise self._unknown() from error
        try:
            return await self._left(decision)
        except DecisionRefused as error:
            if error.code is RefusalCode.EXPIRED:  # What was sent before may have been taken in time.
                raise self._unknown() from error
            raise

    async def _left(self, decision: Decision) -> Resolution | None:
        await refuse_foreseen(self.service, self.run_id, decision)
        return await self.service.runs.signal(self.run_id, decision)

    def _unknown(self) -> Problem:
        detail = (
            "Nobody answered in time: the decision may be taken, or not. Send it again with the same "
            "Idempotency-Key, and it is taken once; or with `Prefer: respond-async`, and it is left for the run."
        )
        headers = {**RETRY_AFTER, "Idempotency-Key": self.key}
        return Problem(503, "outcome-unknown", detail, {"idempotency_key": self.key}, headers)

    async def _recalled(self, decision: Decision, refusal: Refusal) -> Resolution:
        """The record of this very decision, where only the database has it still.

        Raises:
            Problem: The decision changes nothing.
        """
        answer = await recalled(self.service, self.run_id, decision, refusal, isolated(self.principal))
        if isinstance(answer, Refusal):
            raise refused(answer)
        return answer

    async def _forgotten(self, error: RunNotFound) -> Refusal:
        """A run that Temporal keeps no longer has ended, as its row says; or was deleted there while it was open.

        Raises:
            Problem: It has no row.
        """
        row, reads = None, self.service.reads
        if has_run_rows(self.service.db):
            row = await reads.in_time(stored_head(self.service.db, self.run_id, reads))
        if row is None or isolated(self.principal) not in (None, row.user_id):
            raise Problem(404, "run-not-found", str(error))
        text = f"Run {self.run_id!r} has ended as {row.status}, and Temporal keeps it no longer."
        if row.status in OPEN:
            text = (
                f"Run {self.run_id!r} is {row.status} in the database, but Temporal does not have it any more: nothing "
                "of it goes on. `agno-temporal rebuild RUN_ID app.py --lost` ends it."
            )
        return Refusal(RefusalCode.RUN_CLOSED, text, run_status=row.status)

    def _accepted(self, decision: Decision) -> dict[str, Any]:
        return {
            "type": "accepted-for-delivery",
            "title": TITLES["accepted-for-delivery"],
            "status": 202,
            "detail": "The decision is left for the run. It is taken when a worker comes, unless somebody else decided "
            "before, or the deadline had passed when Temporal recorded it.",
            **self._place,
            "action": decision.action.value,
            "decided_by": decision.decided_by,
            "idempotency_key": self.key,
        }

    @property
    def _place(self) -> dict[str, str]:
        return {"run_id": self.run_id, "requirement_id": self.requirement_id}


def _refuse_unfit(decision: Decision) -> None:
    """What names no requirement is not sent to a run."""
    if not _ID.fullmatch(decision.requirement_id):
        raise DecisionRefused(Refusal(RefusalCode.NOT_FOUND, no_requirement(decision.requirement_id)))


def no_requirement(requirement_id: str) -> str:
    return f"This run has no requirement {requirement_id[:80]!r}. List what it waits for, and decide that."

"""The questions of one run, and their answers.

An answer may be lost on its way back, and whoever sends the decision again must not decide twice; so each has a key.
The caller's `Idempotency-Key` is the decision's id; one is drawn where there is none, and named in every answer, so
that a decision whose outcome is unknown can be sent again.

No worker, no judgement: then the answer is 503, and the decision may or may not be taken. Who prefers it so
(`preferences`) has it left for the run instead, under the same key, and is answered 202: it is applied when a worker
comes, in the order in which Temporal recorded it, and beats the deadline only if it was recorded before that.
"""

# No `from __future__ import annotations`: what the routes depend on is known only while they are made.

import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Body, Depends, Header, Path, Query

from agno_temporal.api.access import Principal, Scope, needs, visible
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.decision_bodies import BODIES
from agno_temporal.api.decision_bodies import Body as DecisionBody
from agno_temporal.api.preferences import Preferences, preferences
from agno_temporal.api.problems import RETRY_AFTER, TITLES, Problem
from agno_temporal.api.refusals import refused
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.client import DecisionRefused, OutcomeUnknown
from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Decision, Refusal, RefusalCode, Resolution, decision_from_json
from agno_temporal.plan.data import to_json
from agno_temporal.views.documents import one_document, questions_document, resolution_document
from agno_temporal.views.run_view import look_at, manifest_of

RunId = Annotated[str, Path(description="The run's id.")]
RequirementId = Annotated[str, Path(description="The requirement's id.")]
All = Annotated[bool, Query(description="With what was decided, under `decisions`.")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[!-~]{1,128}$",
        description="The decision's id: sent twice under one key, a decision is taken once. Drawn, if left out.",
    ),
]
Prefer = Annotated[
    list[str] | None,
    Header(
        alias="Prefer",
        description="`respond-async`: where no worker answers in time, leave the decision for the run, and answer 202. "
        "`wait=SECONDS`: how long to wait for a worker; with `respond-async, wait=0`, not at all.",
    ),
]

_ID = re.compile("[0-9a-f-]{36}")
"""What ids of requirements are of. Nothing else is asked for, or sent to Temporal."""


@dataclass(frozen=True)
class Call:
    """A request to decide, before its body is known."""

    service: Service
    principal: Principal
    run_id: str
    requirement_id: str
    key: str
    prefers: Preferences

    async def give(self, body: DecisionBody) -> JsonAnswer:
        """Send the decision, and answer with its record; or with 202, where it was left for the run.

        Raises:
            Problem: It changes nothing, or nobody answered.
        """
        await visible(self.service, self.principal, self.run_id)
        decision = body.decision(self.requirement_id, self.principal.id, self.key)
        try:
            _refuse_unfit(decision)
            resolution = await self._sent(decision)
        except DecisionRefused as error:
            raise refused(error.refusal) from error
        headers = {"Idempotency-Key": self.key}
        if resolution is not None:
            return JsonAnswer({**self._place, **resolution_document(resolution)}, headers=headers)
        headers |= {"Preference-Applied": self.prefers.applied(), "Location": f"../{self.requirement_id}"}
        return JsonAnswer(self._accepted(decision), HTTPStatus.ACCEPTED, headers)

    async def _sent(self, decision: Decision) -> Resolution | None:
        """The record; None where the decision was left for the run."""
        runs = self.service.runs
        if self.prefers.at_once:
            return await runs.signal(self.run_id, decision)
        try:
            return await runs.decide(self.run_id, decision, self.prefers.wait)
        except OutcomeUnknown as error:
            if self.prefers.respond_async:
                return await runs.signal(self.run_id, decision)
            detail = (
                "No worker answered in time: the decision may be taken, or not. Send it again with the same "
                "Idempotency-Key, and it is taken once; or with `Prefer: respond-async`, and it is left for the run."
            )
            headers = {**RETRY_AFTER, "Idempotency-Key": self.key}
            raise Problem(503, "outcome-unknown", detail, {"idempotency_key": self.key}, headers) from error

    def _accepted(self, decision: Decision) -> dict[str, Any]:
        return {
            "type": "accepted-for-delivery",
            "title": TITLES["accepted-for-delivery"],
            "status": HTTPStatus.ACCEPTED.value,
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


def routes(service: Service) -> APIRouter:
    router = new_router(service, "requirements")
    reads = needs(service, Scope.READ)
    decides = needs(service, Scope.DECIDE)

    @router.get("/runs/{run_id}/requirements", operation_id="list_run_requirements")
    async def list_run_requirements(
        run_id: RunId, principal: Annotated[Principal, Depends(reads)], all: All = False
    ) -> dict[str, Any]:
        """What a run waits for, in the order in which it was asked: each with the actions that it takes, and the JSON
        Schema of the body of each."""
        await visible(service, principal, run_id)
        document = questions_document(await manifest_of(service.runs, run_id), time.time())
        return document if all else {name: value for name, value in document.items() if name != "decisions"}

    @router.get("/runs/{run_id}/requirements/{requirement_id}", operation_id="get_requirement")
    async def get_requirement(
        run_id: RunId, requirement_id: RequirementId, principal: Annotated[Principal, Depends(reads)]
    ) -> dict[str, Any]:
        """One question, open or decided: with what is under review, and with its decision."""
        await visible(service, principal, run_id)
        manifest = await manifest_of(service.runs, run_id)
        if not _asks(manifest, requirement_id):
            raise _no_requirement(requirement_id)
        view = await look_at(service.runs, run_id, manifest)
        return next(one_document(view, one) for one in manifest.asked if one.requirement.id == requirement_id)

    def call(
        run_id: RunId,
        requirement_id: RequirementId,
        principal: Annotated[Principal, Depends(decides)],
        key: Key = None,
        prefer: Prefer = None,
    ) -> Call:
        return Call(service, principal, run_id, requirement_id, key or uuid4().hex, preferences(prefer or ()))

    def add(content: type[DecisionBody]) -> None:
        async def decide(call: Annotated[Call, Depends(call)], body: Any) -> JsonAnswer:
            return await call.give(body)

        how = Body(default_factory=content) if content.may_be_left_out() else Body()
        decide.__annotations__["body"] = Annotated[content, how]
        action = content.ACTION.value
        router.post(
            f"/runs/{{run_id}}/requirements/{{requirement_id}}/{action}",
            operation_id=f"{action}_requirement",
            summary=content.SAYS,
            dependencies=[Depends(decides)],
        )(decide)

    for content in BODIES:
        add(content)
    return router


def _asks(manifest: Manifest, requirement_id: str) -> bool:
    return any(one.requirement.id == requirement_id for one in manifest.asked)


def _refuse_unfit(decision: Decision) -> None:
    """What no run would look at is not sent to one: it is too large, or names what cannot be a requirement."""
    if not _ID.fullmatch(decision.requirement_id):
        message = f"This run has no requirement {decision.requirement_id[:80]!r}."
        raise DecisionRefused(Refusal(RefusalCode.NOT_FOUND, message))
    verdict = decision_from_json(to_json(decision))
    if isinstance(verdict, Refusal):
        raise DecisionRefused(verdict)


def _no_requirement(requirement_id: str) -> Problem:
    text = f"This run has no requirement {requirement_id[:80]!r}. List what it waits for, and decide that."
    return Problem(404, RefusalCode.NOT_FOUND.value, text)

"""The questions of one run, and a route for each way to answer one.

No route guesses what is meant: an answer names its requirement, and its action stands in the address, so that a body
holds nothing but what somebody decided. What became of it is for `deciding` to say.
"""

# No `from __future__ import annotations`: what the routes depend on is known only while they are made.

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Body, Depends, Header, Path, Query
from starlette.requests import Request

from agno_temporal.api.access import Principal, Scope, isolated, needs, visible
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.deciding import Call, no_requirement
from agno_temporal.api.decision_bodies import BODIES
from agno_temporal.api.decision_bodies import Body as DecisionBody
from agno_temporal.api.documented import problems
from agno_temporal.api.preferences import preferences
from agno_temporal.api.problems import Problem
from agno_temporal.api.reading import question_as_document, questions_as_document
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import Accepted, Decided, OneQuestion, Questions
from agno_temporal.api.stopping import stopping
from agno_temporal.api.texts import KEY, RunPath, Text

RequirementPath = Annotated[Text, Path(description="The requirement's id.")]
All = Annotated[bool, Query(description="With what was decided, under `decisions`.")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY,
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

_ADDRESS = "/runs/{run_id}/requirements"

_HEADERS = {"Idempotency-Key": {"description": "The decision's id.", "schema": {"type": "string"}}}

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Decided, "description": "The decision, as it was recorded.", "headers": _HEADERS},
    202: {"model": Accepted, "description": "It is left for the run, as was preferred.", "headers": _HEADERS},
    **problems(
        "run-not-found",
        "requirement-not-found",
        "stale-requirement",
        "already-decided",
        "expired",
        "run-closed",
        "action-not-allowed",
        "invalid-input",
        "invalid-selection",
        "idempotency-key-reused",
        "malformed-decision",
        "outcome-unknown",
        body=True,
    ),
}


def routes(service: Service) -> APIRouter:
    router = new_router(service, "requirements")
    may_read, may_decide = Depends(needs(service, Scope.READ)), Depends(needs(service, Scope.DECIDE))

    @router.get(
        _ADDRESS,
        operation_id="list_run_requirements",
        summary="List what a run waits for",
        responses={200: {"model": Questions}, **problems("run-not-found", "no-worker", "database-unavailable")},
    )
    async def list_run_requirements(run_id: RunPath, principal: Principal = may_read, all: All = False) -> JsonAnswer:
        """In the order in which it was asked: each with the actions that it takes, and the JSON Schema of the body of
        each. While no worker answers, as far as the database knows."""
        await visible(service, principal, run_id)
        document = await questions_as_document(service, run_id, isolated(principal))
        return JsonAnswer(document if all else {name: one for name, one in document.items() if name != "decisions"})

    @router.get(
        _ADDRESS + "/{requirement_id}",
        operation_id="get_requirement",
        summary="Get one question",
        responses={
            200: {"model": OneQuestion},
            **problems("run-not-found", "requirement-not-found", "no-worker", "database-unavailable"),
        },
    )
    async def get_requirement(
        run_id: RunPath, requirement_id: RequirementPath, principal: Principal = may_read
    ) -> JsonAnswer:
        """Open, with what is under review; or decided, with its decision."""
        await visible(service, principal, run_id)
        document = await question_as_document(service, run_id, requirement_id, isolated(principal))
        if document is None:
            raise Problem(404, "requirement-not-found", no_requirement(requirement_id))
        return JsonAnswer(document)

    async def call(
        request: Request,
        run_id: RunPath,
        requirement_id: RequirementPath,
        principal: Principal = may_decide,
        key: Key = None,
        prefer: Prefer = None,
    ) -> Call:
        return Call(
            service, principal, run_id, requirement_id, key or uuid4().hex, preferences(prefer or ()), stopping(request)
        )

    def add(content: type[DecisionBody]) -> None:
        async def decide(call: Annotated[Call, Depends(call)], body: Any) -> JsonAnswer:
            return await call.give(body)

        how = Body(default_factory=content) if content.may_be_left_out() else Body()
        decide.__annotations__["body"] = Annotated[content, how]
        action = content.ACTION.value
        router.post(
            f"{_ADDRESS}/{{requirement_id}}/{action}",
            operation_id=f"{action}_requirement",
            summary=content.TITLE,
            description=content.SAYS,
            responses=_ANSWERS,
            dependencies=[may_decide],
        )(decide)

    for content in BODIES:
        add(content)
    return router

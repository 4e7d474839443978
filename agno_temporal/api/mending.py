"""What an operator does to any user's run: end it without its consent, or try what is blocked in it at once.

Neither is something that a run's owner needs, and the first loses work: both are for administrators. Temporal keeps a
termination's reason and knows nothing of the API's callers, so the caller is named in it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, ConfigDict, Field

from agno_temporal.api import examples
from agno_temporal.api.access import Principal, Scope, needs, visible
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.documented import problems, shaped
from agno_temporal.api.problems import Problem
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import Terminated, Unblocked
from agno_temporal.api.texts import RunPath, Text
from agno_temporal.follow import mending
from agno_temporal.follow.mending import NothingBlocked, RunEnded, StepNotBlocked
from agno_temporal.follow.terminating import terminate
from agno_temporal.views.documents import blocked_document


class Terminate(BaseModel):
    """Why a run is ended."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"reason": "started for the wrong tenant"}]}
    )

    reason: Text | None = Field(None, description="Why; Temporal keeps it, with who called.")


class Unblock(BaseModel):
    """What is tried again."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{}, {"step": "deploy"}]})

    step: Text | None = Field(None, description="Its name, its path, or its activity's id; all, if left out.")


def routes(service: Service) -> APIRouter:
    router = new_router(service, "runs")
    may_mend = Depends(needs(service, Scope.ADMIN))

    @router.post(
        "/runs/{run_id}/terminate",
        operation_id="terminate_run",
        summary="Terminate a run",
        responses={
            200: shaped(Terminated, examples.TERMINATED, "It has ended."),
            **problems("run-not-found", "run-closed", body=True),
        },
    )
    async def terminate_run(
        run_id: RunPath,
        body: Annotated[Terminate, Body(default_factory=Terminate)],
        principal: Principal = may_mend,
    ) -> JsonAnswer:
        """At once and without its consent, where `cancel` does not help. Steps in flight go on unseen, and the database
        keeps the run as it was last written, until `agno-temporal rebuild` writes its end."""
        await visible(service, principal, run_id)
        reason = f"{body.reason or 'terminated through the API'} (by {principal.id})"
        if not await terminate(service.runs.client, run_id, reason):
            raise await _closed(service, run_id)
        return JsonAnswer({"run_id": run_id, "terminated": True, "reason": reason})

    @router.post(
        "/runs/{run_id}/unblock",
        operation_id="unblock_run",
        summary="Try what is blocked again",
        responses={
            200: shaped(Unblocked, examples.UNBLOCKED, "It is tried now; this is why it had failed."),
            **problems("run-not-found", "run-closed", "nothing-blocked", "step-not-blocked", body=True),
        },
    )
    async def unblock_run(
        run_id: RunPath,
        body: Annotated[Unblock, Body(default_factory=Unblock)],
        principal: Principal = may_mend,
    ) -> JsonAnswer:
        """Now, and not when its turn comes. A step is blocked where it cannot be tried at all: its workflow is not
        deployed, its executor is missing. What is blocked else stands under `blocked` in a refusal."""
        await visible(service, principal, run_id)
        blocked = await service.runs.blocked(run_id)
        try:
            tried = await mending.unblock(service.runs.client, run_id, blocked, body.step)
        except RunEnded as error:
            raise await _closed(service, run_id) from error
        except StepNotBlocked as error:
            raise Problem(422, "step-not-blocked", str(error), {"blocked": blocked_document(error.blocked)}) from error
        except NothingBlocked as error:
            raise Problem(409, "nothing-blocked", str(error), {"blocked": blocked_document(error.blocked)}) from error
        return JsonAnswer({"run_id": run_id, "tried": blocked_document(tried)})

    return router


async def _closed(service: Service, run_id: str) -> Problem:
    status = (await service.runs.manifest(run_id)).status
    return Problem(409, "run-closed", f"Run {run_id!r} has ended as {status}.", {"run_status": status})

"""Runs: started, read, listed and cancelled.

A start is an order that may be sent twice: by a client that lost the answer, or by a proxy. So a run has one id, the
caller's own or one that follows from its `Idempotency-Key` and from who sent it, and the same request under the same id
attaches to the run that it started. Without either, each request is another run.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request

from agno_temporal.api import examples
from agno_temporal.api.access import Principal, Scope, isolated, needs, only_user, visible
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.documented import problems, shaped
from agno_temporal.api.former import refuse_former
from agno_temporal.api.listing import Wanted, list_runs
from agno_temporal.api.problems import Problem
from agno_temporal.api.reading import run_as_agno_has_it, run_as_document
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import Cancelled, RunList, RunShape, Started
from agno_temporal.api.start_bodies import StartRun
from agno_temporal.api.stopping import ServerStops, stopping, until_it_stops
from agno_temporal.api.texts import KEY, Cursor, Limit, RunPath, Text
from agno_temporal.api.workflows import workflow_of
from agno_temporal.client import NoWorker, RunIdReused
from agno_temporal.contract.request import RunRequest

RUN_IDS = UUID("0c1f4d1e-6a43-4b5c-9a39-7b1d3c3a2f77")
"""The namespace of ids that follow from idempotency keys. Persisted data: another value starts runs a second time."""

MAX_WAIT = 60.0

Status = Literal["open", "closed", "PENDING", "RUNNING", "PAUSED", "COMPLETED", "ERROR", "CANCELLED"]


def routes(service: Service) -> APIRouter:
    router = new_router(service, "runs")
    may_read, may_run = Depends(needs(service, Scope.READ)), Depends(needs(service, Scope.RUN))

    @router.post(
        "/runs",
        status_code=201,
        operation_id="start_run",
        summary="Start a run",
        responses={
            201: shaped(Started, examples.STARTED, "The run is started.", headers=_LOCATION),
            200: shaped(Started, examples.ATTACHED, "This request had started it before.", headers=_LOCATION),
            **problems("workflow-not-found", "run-id-reused", "idempotency-key-reused", "invalid-input", body=True),
        },
    )
    async def start_run(
        request: Request,
        body: StartRun,
        principal: Principal = may_run,
        idempotency_key: Annotated[
            str | None, Header(pattern=KEY, description="Sent again, starts nothing again.")
        ] = None,
        wait: Annotated[
            float, Query(ge=0, le=MAX_WAIT, description="Seconds to wait until it has ended, or waits for a person.")
        ] = 0,
    ) -> JsonAnswer:
        """Idempotent by `run_id`, or by `Idempotency-Key`. `run` is what came of it within `wait`, if anything did."""
        run_id = _run_id(body.run_id, idempotency_key, principal)
        order = _order(service, body, principal)
        if body.run_id is not None or idempotency_key is not None:
            await refuse_former(service, run_id, isolated(principal))
        try:
            started = await service.runs.start(body.workflow_id, order, run_id)
        except RunIdReused as error:
            if idempotency_key is None and isolated(principal) is not None:
                raise Problem(409, "run-id-reused", f"The run id {run_id!r} is taken. Use another.") from error
            if idempotency_key is None:
                raise
            detail = "This Idempotency-Key started a run with another request. Use a new key."
            raise Problem(422, "idempotency-key-reused", detail, {"run_id": run_id}) from error
        answer = {
            "run_id": run_id,
            "workflow_id": body.workflow_id,
            "started": started,
            "run": await _settled(service, principal, run_id, wait, stopping(request)) if wait else None,
        }
        place = {"Location": f"runs/{run_id}"}  # From where the caller sees this one, which a proxy may have changed.
        return JsonAnswer(answer, 201 if started else 200, place)

    @router.get(
        "/runs",
        operation_id="list_runs",
        summary="List runs",
        responses={
            200: shaped(RunList, examples.RUNS, "A page of runs."),
            **problems("invalid-cursor", "no-approvals", "database-unavailable"),
        },
    )
    async def list_all_runs(
        principal: Principal = may_read,
        workflow_id: Annotated[Text | None, Query(description="Of this workflow.")] = None,
        status: Annotated[Status | None, Query(description="Open, closed, or agno's status.")] = None,
        user_id: Annotated[Text | None, Query(description="Of this user.")] = None,
        session_id: Annotated[Text | None, Query(description="Of this session.")] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> JsonAnswer:
        """Those that are open, the newest first, then those that ended last. By user, session or agno's status, those
        that a worker has begun, the newest first."""
        user_id = only_user(principal, user_id)
        return JsonAnswer(await list_runs(service, Wanted(workflow_id, status, user_id, session_id), limit, cursor))

    @router.get(
        "/runs/{run_id}",
        operation_id="get_run",
        summary="Get a run",
        responses={
            200: shaped(RunShape, examples.RUN, "The run."),
            **problems("run-not-found", "no-worker", "database-unavailable"),
        },
    )
    async def get_run(run_id: RunPath, principal: Principal = may_read) -> JsonAnswer:
        """Its steps, what it waits for, and what came of it. While no worker answers, as far as the database knows."""
        await visible(service, principal, run_id)
        return JsonAnswer(await run_as_document(service, run_id, isolated(principal)))

    @router.get(
        "/runs/{run_id}/output",
        operation_id="get_run_output",
        summary="Get a run as agno has it",
        responses={
            200: shaped(dict[str, Any], examples.OUTPUT, "The run."),
            **problems("run-not-found", "no-worker", "database-unavailable"),
        },
    )
    async def get_run_output(run_id: RunPath, principal: Principal = may_read) -> JsonAnswer:
        """agno's `WorkflowRunOutput` as JSON. The header `Agno-Temporal-Source` says where it was read."""
        await visible(service, principal, run_id)
        output, source = await run_as_agno_has_it(service, run_id, isolated(principal))
        return JsonAnswer(output, headers={"Agno-Temporal-Source": source})

    @router.post(
        "/runs/{run_id}/cancel",
        status_code=202,
        operation_id="cancel_run",
        summary="Cancel a run",
        responses={
            202: shaped(Cancelled, examples.CANCELLED, "It is asked to end; a worker ends it."),
            200: shaped(Cancelled, examples.WAS_CANCELLED, "It was cancelled before."),
            **problems("run-not-found", "run-closed"),
        },
    )
    async def cancel_run(run_id: RunPath, principal: Principal = may_run) -> JsonAnswer:
        """Safe to repeat."""
        await visible(service, principal, run_id)
        if await service.runs.cancel(run_id):
            return JsonAnswer({"run_id": run_id, "cancelling": True, "status": None}, 202)
        status = (await service.runs.manifest(run_id)).status
        if status != "CANCELLED":
            raise Problem(409, "run-closed", f"Run {run_id!r} has ended as {status}.", {"run_status": status})
        return JsonAnswer({"run_id": run_id, "cancelling": False, "status": status})

    return router


def _run_id(given: str | None, key: str | None, principal: Principal) -> str:
    if key is None:
        return given or str(uuid4())
    if given is not None:
        detail = "Send run_id or Idempotency-Key: each says which run this is."
        entry = {"in": "body", "field": "run_id", "message": "not together with the header Idempotency-Key"}
        raise Problem(422, "invalid-request", detail, {"errors": [entry]})
    return str(uuid5(RUN_IDS, f"{len(principal.id)} {principal.id} {key}"))


def _order(service: Service, body: StartRun, principal: Principal) -> RunRequest:
    """
    Raises:
        Problem: There is no such workflow, or the user is another.
        InvalidInput: The input does not fit the workflow.
    """
    order = body.order(workflow_of(service, body.workflow_id), only_user(principal, body.user_id))
    return replace(order, kept_apart=isolated(principal) is not None)


async def _settled(service: Service, principal: Principal, run_id: str, seconds: float, stops: asyncio.Event) -> Any:
    """The run once it has ended, or waits; None where it does neither in time, or before this server stops. It is
    started in any case."""
    with suppress(TimeoutError, NoWorker, ServerStops):
        async with asyncio.timeout(seconds), until_it_stops(stops):
            await service.runs.wait(run_id)
            return await run_as_document(service, run_id, isolated(principal))
    return None


_LOCATION = {"Location": {"description": "The run's address, relative to this one.", "schema": {"type": "string"}}}

"""Whether this server lives, and whether what it needs is there.

These are asked by machines without credentials, so that they say which part is missing and nothing more; why is in the
log. A server that lives and is not ready must not be restarted: it mends itself when Temporal is back. One that is
about to stop is not ready either, so that nobody sends it any more.

A database that takes no writes is there: but to delete a session, this server only reads it. To take every server out
of service would keep people from lists and decisions, and mend nothing; so that is for `doctor` to say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, Literal

from fastapi import APIRouter
from starlette.requests import Request

from agno_temporal.agno_bridge.database_check import ask, can_be_asked
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.documented import problems
from agno_temporal.api.once import AT_ONCE, Once
from agno_temporal.api.problems import Problem
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import Shape
from agno_temporal.client import RunClient
from agno_temporal.follow.pollers import polled

KEEP: Final = 1.0
"""Seconds for which an answer is taken again."""

WITHIN: Final = 2.0
"""Seconds that a part has to answer. Orchestrators ask with a timeout of their own, often of one to five."""

LEAVING: Final = "agno_temporal.leaving"
"""In a request's scope: an `asyncio.Event` that is set when the server is about to stop."""

logger = logging.getLogger("agno_temporal.api")


class Health(Shape):
    status: Literal["alive"]


class Check(Shape):
    ok: bool


class Readiness(Shape):
    status: Literal["ready"]
    checks: dict[Literal["temporal", "database", "workers"], Check]


class Missing(Exception):
    """A part is not there. The message can be read by anybody."""


def routes(service: Service) -> APIRouter:
    router = new_router(service, "health")
    parts = {name: Once(read, KEEP, WITHIN, AT_ONCE) for name, read in _parts(service).items()}

    @router.head("/health", include_in_schema=False)
    @router.get(
        "/health",
        operation_id="get_health",
        summary="Whether the server lives",
        responses={200: {"model": Health}, **problems()},
    )
    async def get_health() -> JsonAnswer:
        """It does, where this is answered. Needs no credentials."""
        return JsonAnswer({"status": "alive"}, headers=_NO_STORE)

    @router.head("/ready", include_in_schema=False)
    @router.get(
        "/ready",
        operation_id="get_readiness",
        summary="Whether the server can do its work",
        responses={200: {"model": Readiness}, **problems("not-ready")},
    )
    async def get_readiness(request: Request) -> JsonAnswer:
        """Whether Temporal answers, the database answers, and workers poll the queue. Needs no credentials. A 503 says
        under `checks` what is missing."""
        outcomes = await asyncio.gather(*(_outcome(name, part) for name, part in parts.items()))
        checks = dict(zip(parts, outcomes, strict=True))
        if (leaving := request.scope.get(LEAVING)) is not None and leaving.is_set():
            checks["server"] = {"ok": False, "detail": "it is about to stop"}
        missing = [name for name, outcome in checks.items() if not outcome["ok"]]
        if missing:
            detail = f"Not ready: {', '.join(missing)}. `checks` says what is wrong with each."
            raise Problem(503, "not-ready", detail, {"checks": checks}, {"Retry-After": "5", **_NO_STORE})
        return JsonAnswer({"status": "ready", "checks": checks}, headers=_NO_STORE)

    return router


_NO_STORE: Final = {"Cache-Control": "no-store"}


def _parts(service: Service) -> dict[str, Callable[[], Awaitable[None]]]:
    parts: dict[str, Callable[[], Awaitable[None]]] = {"temporal": lambda: _temporal(service.runs)}
    if can_be_asked(service.db):
        parts["database"] = lambda: ask(service.db, service.reads)
    return {**parts, "workers": lambda: _workers(service.runs)}


async def _outcome(name: str, part: Once[None]) -> dict[str, Any]:
    try:
        await part.get()
    except Missing as error:
        return {"ok": False, "detail": str(error)}
    except TimeoutError:
        return {"ok": False, "detail": f"no answer within {WITHIN:g} s"}
    except Exception as error:
        logger.warning("not ready: %s: %s: %s", name, type(error).__name__, error)
        return {"ok": False, "detail": "it does not answer; the server's log says why"}
    return {"ok": True}


async def _temporal(runs: RunClient) -> None:
    if not await runs.client.service_client.check_health(timeout=timedelta(seconds=WITHIN)):
        raise Missing("it says that it does not serve")


async def _workers(runs: RunClient) -> None:
    """Those that take a run's decisions and go on with it. One whose hands are full of steps still does."""
    known = (await polled(runs.client, runs.task_queue, timeout=timedelta(seconds=WITHIN))).there
    if known.taking:
        return
    if known.waiting:
        raise Missing("those that poll the task queue are of a version that is not the current one; make it that")
    if known.passed_over:
        raise Missing(
            "those that poll the task queue are of no version, and all runs go to one that has no worker; what to do "
            "is told by agno-temporal doctor"
        )
    raise Missing("none polls the task queue; start one: agno-temporal worker APP")

"""The API as an app of its own: the router, and problems for whatever no route answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from agno_temporal.api import health, metrics
from agno_temporal.api.headers import SecurityHeaders
from agno_temporal.api.heads import HeadBounds
from agno_temporal.api.metering import CountRequests
from agno_temporal.api.origins import refuse_unsent
from agno_temporal.api.problems import problem_response
from agno_temporal.api.router import create_router
from agno_temporal.api.service import PREFIX, Service
from agno_temporal.api.telemetry import trace_requests
from agno_temporal.connect.telemetry import is_wanted

_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Prefer", "X-Namespace"]
_READ = [
    "Agno-Temporal-Source",
    "Idempotency-Key",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
]
"""The headers that a page of another origin may send, and those that it may read."""


def create_app(service: Service, *, cors_origins: Sequence[str] = ()) -> FastAPI:
    """An app that serves nothing else. It has no page that shows the document: that would load scripts of others.

    Where OpenTelemetry's variables ask for traces, requests are traced.

    Args:
        cors_origins: Pages of other sites that may call from a browser.

    Raises:
        ValueError: No browser sends one of these origins.

    Example:
        app = create_app(new_service([release], client))
    """
    refuse_unsent(cors_origins)
    app = FastAPI(
        title="agno-temporal", version=version("agno-temporal"), redirect_slashes=False, docs_url=None, redoc_url=None
    )
    app.include_router(create_router(service))
    for subject in (health, metrics):  # Where orchestrators and Prometheus look, if nobody tells them.
        app.include_router(subject.routes(service), include_in_schema=False)
    app.add_exception_handler(404, _answer)
    app.add_exception_handler(405, _answer)
    app.add_exception_handler(Exception, _answer)
    app.add_middleware(HeadBounds, limits=service.limits)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors_origins),
            allow_methods=["DELETE", "GET", "POST"],
            allow_headers=_SENT,
            expose_headers=_READ,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(CountRequests, metrics=service.metrics, prefix=PREFIX)
    if is_wanted(os.environ):
        trace_requests(app)
    return app


async def _answer(request: Request, error: Exception) -> Response:
    return problem_response(error, request)

"""The API as an app of its own: the router, and problems for whatever no route answers."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from agno_temporal.api.heads import HeadBounds
from agno_temporal.api.problems import problem_response
from agno_temporal.api.router import create_router
from agno_temporal.api.service import Service


def create_app(service: Service) -> FastAPI:
    """An app that serves nothing else.

    Example:
        app = create_app(new_service([release], client))
    """
    app = FastAPI(title="agno-temporal", version=version("agno-temporal"), redirect_slashes=False)
    app.include_router(create_router(service))
    app.add_exception_handler(404, _answer)
    app.add_exception_handler(405, _answer)
    app.add_exception_handler(Exception, _answer)
    app.add_middleware(HeadBounds, limits=service.limits)
    return app


async def _answer(request: Request, error: Exception) -> Response:
    return problem_response(error, request)

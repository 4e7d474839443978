"""All routes of the API in one router, to be mounted in anybody's app."""

from __future__ import annotations

from fastapi import APIRouter

from agno_temporal.api import (
    codec,
    decisions,
    events,
    health,
    mending,
    metrics,
    requirements,
    runs,
    sessions,
    workflows,
)
from agno_temporal.api.service import PREFIX, Service


def create_router(service: Service) -> APIRouter:
    """The routes under ``/v1``. They answer problems by themselves, and leave the app's own handlers alone.

    Example:
        app = FastAPI()
        app.include_router(create_router(new_service([release])))
    """
    router = APIRouter(prefix=PREFIX, redirect_slashes=False)
    for subject in (workflows, runs, sessions, mending, decisions, events, requirements, health, metrics):
        router.include_router(subject.routes(service))
    if service.codec:
        router.include_router(codec.routes(service))
    return router

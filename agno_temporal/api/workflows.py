"""The workflows that can be run here: what each consists of, and what input it takes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from agno_temporal.api.access import Scope, needs
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service


def routes(service: Service) -> APIRouter:
    router = new_router(service, "workflows")
    reads = [Depends(needs(service, Scope.READ))]

    @router.get("/workflows", dependencies=reads, operation_id="list_workflows")
    async def list_workflows() -> dict[str, Any]:
        return {"workflows": [{"workflow_id": one} for one in sorted(service.workflows)]}

    return router

"""Deleting a session over HTTP. Reading one is agno's own business (`agentos`).

A session's id is whatever a caller chose, with slashes in it too, and a server has decoded its address before any route
sees it. So it stands last there, and takes the rest of it.
"""

from __future__ import annotations

from agno.workflow import Workflow
from fastapi import APIRouter, Depends

from agno_temporal.api.access import Principal, Scope, needs
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.documented import problems
from agno_temporal.api.problems import Problem
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import Shape
from agno_temporal.api.texts import IdPath
from agno_temporal.durable.forgetting import (
    SessionElsewhere,
    SessionInUse,
    SessionNotFound,
    SessionShared,
    forget_session,
)

PROBLEMS = (
    "workflow-not-found",
    "session-not-found",
    "session-in-use",
    "session-shared",
    "session-elsewhere",
    "database-unavailable",
)


class Deleted(Shape):
    session_id: str
    run_ids: list[str]


def routes(service: Service) -> APIRouter:
    """The route."""
    router = new_router(service, "sessions")
    admin: Principal = Depends(needs(service, Scope.ADMIN))

    @router.delete(
        "/workflows/{workflow_id}/sessions/{session_id:path}",
        operation_id="delete_session",
        summary="Delete a session and all that is kept of its runs",
        responses={200: {"model": Deleted}, **problems(*PROBLEMS)},
    )
    async def delete_session(
        workflow_id: IdPath,
        session_id: IdPath,
        principal: Principal = admin,
    ) -> JsonAnswer:
        """Its rows, and of each run its history in Temporal and the files it has stored. A session that has an open run
        is left as it is: cancel the run first. One that there is not is deleted already. Another workflow's is not
        found. One is left as it is that is shared with a workflow that is not served here, or has a run on another task
        queue. Needs the scope admin."""
        workflow: Workflow | None = service.workflows.get(workflow_id)
        if workflow is None:
            raise Problem(404, "workflow-not-found", f"There is no workflow {workflow_id!r}.")
        try:
            run_ids = await forget_session(service.runs, workflow, session_id, served=service.workflows.values())
        except SessionNotFound as error:
            raise Problem(404, "session-not-found", str(error)) from error
        except SessionShared as error:
            raise Problem(409, "session-shared", str(error)) from error
        except SessionElsewhere as error:
            raise Problem(409, "session-elsewhere", str(error)) from error
        except SessionInUse as error:
            raise Problem(409, "session-in-use", str(error), {"run_ids": list(error.run_ids)}) from error
        return JsonAnswer({"session_id": session_id, "run_ids": run_ids})

    return router

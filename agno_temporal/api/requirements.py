"""What waits for a person, in all runs: one query, whatever the number of runs.

The rows report what each run asked; what decides is the run. So an entry may be a moment old, and a decision on it is
answered by the run itself.
"""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from agno_temporal.agno_bridge.approvals import Filter, NoApprovals, waiting
from agno_temporal.api import examples
from agno_temporal.api.access import Principal, Scope, needs, only_user
from agno_temporal.api.answers import JsonAnswer
from agno_temporal.api.documented import problems, shaped
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.api.shapes import WaitingList
from agno_temporal.api.texts import Cursor, Limit, Text
from agno_temporal.views.stored import waiting_document

KindName = Literal[
    "confirmation", "user_input", "output_review", "iteration_review", "route_selection", "error", "executor"
]


def routes(service: Service) -> APIRouter:
    router = new_router(service, "requirements")
    may_read = Depends(needs(service, Scope.READ))

    @router.get(
        "/requirements",
        operation_id="list_requirements",
        summary="List what waits for a person",
        responses={
            200: shaped(WaitingList, examples.WAITING, "A page of what waits."),
            **problems("invalid-cursor", "no-approvals", "database-unavailable"),
        },
    )
    async def list_requirements(
        principal: Principal = may_read,
        workflow_id: Annotated[Text | None, Query(description="Of this workflow.")] = None,
        kind: Annotated[KindName | None, Query(description="Of this kind.")] = None,
        step: Annotated[Text | None, Query(description="Of the step of this name.")] = None,
        user_id: Annotated[Text | None, Query(description="In runs of this user.")] = None,
        session_id: Annotated[Text | None, Query(description="In this session.")] = None,
        run_id: Annotated[Text | None, Query(description="In this run.")] = None,
        deadline_before: Annotated[
            datetime | None, Query(description="With a deadline before this moment; UTC where it names no zone.")
        ] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> JsonAnswer:
        """In all runs, the nearest deadline first; what has none comes last."""
        if service.db is None:
            raise NoApprovals(
                "The workflows have no database, so that what waits cannot be listed across runs. Give them one "
                "SqliteDb or PostgresDb, or ask each run for its requirements."
            )
        which = Filter(
            workflow_id=workflow_id,
            kind=kind,
            step_name=step,
            user_id=only_user(principal, user_id),
            session_id=session_id,
            run_id=run_id,
            deadline_before=None if deadline_before is None else _seconds(deadline_before),
            workflow_ids=tuple(service.workflows),
        )
        page = await service.reads.in_time(waiting(service.db, service.reads, which, limit=limit, cursor=cursor))
        now = time.time()
        return JsonAnswer(
            {
                "pending": [waiting_document(one, now) for one in page.items],
                "no_answer": [],
                "unreadable": [],
                "cursor": page.cursor,
            }
        )

    return router


def _seconds(moment: datetime) -> int:
    """Deadlines are rounded up to whole seconds in the rows, and so is what they are compared with."""
    return math.ceil((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

"""What an app can tell by itself, without Temporal: its workflows, and what waits by its database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from agno_temporal.agno_bridge.approvals import MAX_PAGE, Filter, NoApprovals, waiting
from agno_temporal.agno_bridge.live import Compiled
from agno_temporal.agno_bridge.registry import Registry
from agno_temporal.cli.backend import Document, Wanted
from agno_temporal.cli.exits import ExitCode, Failed
from agno_temporal.connect.loading import load_workflows
from agno_temporal.views.stored import waiting_document
from agno_temporal.views.workflows import workflow_document, workflow_head


class OfApps:
    """The parts of a `Backend` that need no run.

    Raises:
        CannotLoad, PlanError: The workflows are not there, or cannot be run as they are written.
    """

    def __init__(self, references: Sequence[str]) -> None:
        registry = Registry()
        compiled = [registry.add(workflow) for workflow in load_workflows(references)]
        self._compiled: dict[str, Compiled] = {one.plan.workflow_id: one for one in compiled}

    async def workflows(self) -> Document:
        heads = [workflow_head(name, one.workflow) for name, one in sorted(self._compiled.items())]
        return {"workflows": heads, "complete": True}

    async def workflow(self, workflow_id: str) -> Document:
        """
        Raises:
            Failed: The app has no such workflow.
        """
        compiled = self._compiled.get(workflow_id)
        if compiled is None:
            names = ", ".join(sorted(self._compiled))
            raise Failed(f"The app has no workflow {workflow_id!r}; it has {names}.", ExitCode.NOT_FOUND)
        return workflow_document(compiled.workflow, compiled.plan)

    async def pending(self, wanted: Wanted) -> tuple[Document, bool]:
        """As `Backend.pending`, by one query on the database that the workflows share.

        Raises:
            NoApprovals: They have none that lists what waits.
            SeveralDatabases: They have not the same.
        """
        from agno_temporal.api.service import shared_database

        db = shared_database({name: one.workflow.db for name, one in self._compiled.items()})
        if db is None:
            raise NoApprovals("The app's workflows have no database, so that nothing is listed there.")
        which = Filter(wanted.workflow_id, wanted.kind, wanted.step_name, wanted.user_id, wanted.session_id)
        found, cursor = list[Document](), None
        while True:
            limit = min(MAX_PAGE, wanted.limit - len(found))
            page = await waiting(db, asyncio.to_thread, which, limit=limit, cursor=cursor)
            found += [waiting_document(one, time.time()) for one in page.items]
            cursor = page.cursor
            if cursor is None or len(found) >= wanted.limit:
                return {"pending": found, "no_answer": [], "unreadable": []}, cursor is not None

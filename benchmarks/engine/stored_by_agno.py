"""The rows of a run, as whoever writes a workflow by hand would have agno write them: the session's and the run's.

Nothing is read before, the two are not one transaction, and of two writes the one that comes last counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.session.workflow import WorkflowSession
from temporalio import activity

from benchmarks.engine.five_steps_by_hand import STORE, Stored


def stored_in(db: Any) -> Callable[[Stored], None]:
    """The activity that writes a run into this database."""

    @activity.defn(name=STORE)
    def store(one: Stored) -> None:
        run = WorkflowRunOutput(
            run_id=one.run_id,
            session_id=one.run_id,
            workflow_id="by-hand",
            status=RunStatus(one.status),
            content=one.content,
            created_at=int(time.time()),
        )
        session = WorkflowSession(session_id=one.run_id, workflow_id="by-hand", session_data={}, runs=[run])
        db.upsert_session(session=session)
        db.upsert_run(run=run, session_id=one.run_id, run_index=0)

    return store

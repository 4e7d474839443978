"""A workflow, and runs of it as they are written, without anybody who runs them."""

from __future__ import annotations

from typing import Any

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Step, Workflow


def workflow(db: Any) -> Workflow:
    return Workflow(name="subject", db=db, telemetry=False, steps=[Step(name="s", executor=lambda _: "s")])


def run(status: RunStatus, created_at: int = 100, **fields: Any) -> WorkflowRunOutput:
    return WorkflowRunOutput(
        run_id="r", session_id="s", workflow_id="subject", created_at=created_at, status=status, **fields
    )

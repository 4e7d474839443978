"""A run that was just started, as agno's `arun(background=True)` shows it.

agno goes on to change that very object while the run gets on, which works in one process only. Here it is what was true
when it was handed out, and `get_run_output(run_id)` says how far the run is.
"""

from __future__ import annotations

import time
from typing import Any

from agno.run.base import RunStatus
from agno.run.workflow import WorkflowRunOutput
from agno.workflow import Workflow
from agno.workflow.types import WorkflowMetrics

from agno_temporal.agno_bridge.primitives import workflow_id_of
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.request import RunRequest


def pending_run(workflow: Workflow, request: RunRequest, run_id: str) -> WorkflowRunOutput:
    """The run before its first step (agno/workflow/workflow.py:4965)."""
    given: Any = decode(request.metadata)
    run_input: Any = decode(request.input)
    return WorkflowRunOutput(
        input=run_input,
        workflow_id=workflow_id_of(workflow),
        workflow_name=workflow.name,
        run_id=run_id,
        session_id=request.session_id,
        user_id=request.user_id,
        metrics=WorkflowMetrics(steps={}),
        metadata=workflow._resolve_run_params(metadata=given)["metadata"],
        created_at=int(time.time()),
        status=RunStatus.pending,
    )

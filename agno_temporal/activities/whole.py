"""What an activity knows of its run without being told.

Each of a run's steps would be told again, in a history of which every byte is kept. So a task leaves out what Temporal
tells each activity, and what follows from that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from temporalio import activity

from agno_temporal.contract import names
from agno_temporal.contract.tasks import ContinueTask, EvaluateTask, StepTask

Task = TypeVar("Task", StepTask, ContinueTask, EvaluateTask)


def whole(task: Task) -> Task:
    """The task with all that is to be known of its run. Tasks of earlier versions say all of it."""
    info, facts = activity.info(), task.facts
    run_id = facts.run_id or info.workflow_id or ""
    told = replace(
        facts,
        run_id=run_id,
        workflow_id=facts.workflow_id or info.workflow_type or "",
        session_id=facts.session_id or names.session_id_of(run_id),
    )
    return replace(task, facts=told)

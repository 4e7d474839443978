"""Which events agno yields with `stream=True` alone, and which it keeps in a run with `store_events`.

All of a run's events are there, whoever follows it. Without `stream_events` agno's steps and containers say nothing,
and its agents say only the pieces of their answer and what a client must know; what the workflow itself says is told
always.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from agno.run.agent import RunEvent
from agno.run.team import TeamRunEvent
from agno.run.workflow import BaseWorkflowRunOutputEvent, WorkflowRunEvent

_ALWAYS: Final = frozenset(
    one.value
    for one in (
        WorkflowRunEvent.workflow_agent_started,
        WorkflowRunEvent.workflow_agent_completed,
        WorkflowRunEvent.workflow_started,
        WorkflowRunEvent.workflow_completed,
        WorkflowRunEvent.workflow_paused,
        WorkflowRunEvent.workflow_cancelled,
        WorkflowRunEvent.workflow_error,
        WorkflowRunEvent.step_output,
        WorkflowRunEvent.step_paused,
        WorkflowRunEvent.step_continued,
        WorkflowRunEvent.step_executor_paused,
        WorkflowRunEvent.step_executor_continued,
        WorkflowRunEvent.step_output_review,
        WorkflowRunEvent.step_error,
        WorkflowRunEvent.router_paused,
        WorkflowRunEvent.custom_event,
        RunEvent.run_content,
        RunEvent.run_paused,
        RunEvent.run_error,
        RunEvent.run_cancelled,
        RunEvent.custom_event,
        TeamRunEvent.run_content,
        TeamRunEvent.run_paused,
        TeamRunEvent.run_error,
        TeamRunEvent.run_cancelled,
        TeamRunEvent.custom_event,
    )
)

_NEVER_KEPT: Final = frozenset({WorkflowRunEvent.step_output.value, WorkflowRunEvent.step_executor_paused.value})
"""agno yields these past the function that keeps events (agno/workflow/workflow.py:4581, D66)."""


def is_shown(event: Any, stream_events: bool, heard_all: bool) -> bool:
    """Whether agno would yield the event.

    Args:
        stream_events: How it is watched.
        heard_all: How the run was started. Where not all was wanted, executors said no more than agno yields.
    """
    if stream_events or event.event in _ALWAYS:
        return True
    return not heard_all and not isinstance(event, BaseWorkflowRunOutputEvent)


def kept(events: Iterable[Any], stream_events: bool, skipped: Iterable[str]) -> list[Any]:
    """The events that agno would keep in the run (agno/workflow/workflow.py:2640)."""
    never = _NEVER_KEPT | set(skipped)
    return [event for event in events if is_shown(event, stream_events, stream_events) and event.event not in never]

"""What a task carries, and how large it may be.

Passing every earlier output to every step would make a history grow with the square of its steps. So a task carries
what is small, up to a budget, and the rest by reference; and one that is larger than Temporal takes is refused before
it is sent: it would fail the workflow task for ever.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.outputs import Budget, Output, bare
from agno_temporal.contract.tasks import ContinueTask, EndCheck, EvaluateTask, Flow, Named, StepTask
from agno_temporal.plan import Node, StepNode
from agno_temporal.plan.data import to_json
from agno_temporal.workflows.failures import RunFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.run_state import RunState

INLINE_BYTES = 16 * 1024
"""How much of earlier outputs one task carries itself; the branches of a Parallel share it."""

REQUEST_INLINE_BYTES = 1024
"""Up to this size the request travels with every task; a larger one is read from the run's first event."""

MAX_TASK_BYTES = 1_900_000
"""Temporal takes 2 MB in a payload; the rest is for a codec. A bound may be raised, never lowered: open runs that kept
to the old one would replay to another end."""

MAX_MESSAGE_BYTES = 3_900_000
"""Temporal takes 4 MB from one workflow task, and terminates the run beyond that: the tasks of all branches, and before
the first step what `open_run` answered."""


def stream_options(state: RunState, node: StepNode) -> dict[str, bool]:
    """How the executor of a step is listened to."""
    request = state.request
    if not request.stream:
        return {}
    ends_only = state.events.place(node.path).ends_only
    return {"stream": True, "stream_events": request.stream_events, "ends_only": ends_only}


def bare_check(end_check: EndCheck | None) -> EndCheck | None:
    return end_check and replace(end_check, earlier=tuple(bare(output) for output in end_check.earlier))


def facts(state: RunState) -> Any:
    if len(json.dumps(to_json(state.request))) <= REQUEST_INLINE_BYTES:
        return replace(state.facts, request=state.request)
    return state.facts


def inlined(frame: Frame) -> Flow:
    budget = Budget(INLINE_BYTES // frame.width)
    previous = [Named(named.name, budget.trim(named.output)) for named in reversed(frame.flow.previous)]
    return replace(frame.flow, previous=tuple(reversed(previous)))


def extras(frame: Frame) -> Any:
    return frame.extras and replace(frame.extras, previous_output=trimmed(frame.extras.previous_output))


def trimmed(output: Output | None) -> Any:
    return None if output is None else Budget(INLINE_BYTES).trim(output)


def measured(task: StepTask | ContinueTask | EvaluateTask, node: Node, width: int) -> object:
    data = to_json(task)
    size = len(json.dumps(data))
    if size > min(MAX_TASK_BYTES, MAX_MESSAGE_BYTES // (1 + width)):
        beside = f", and 4 MB of the {width} steps that run beside each other" if width > 1 else ""
        raise RunFailed(
            f"step '{node.path}' (\"{node.name}\") would be given {size} bytes, of which the session state has "
            f"{len(json.dumps(task.state))}; Temporal takes 2 MB per payload{beside}. Keep large values out of "
            "session_state: return them from a step, or store a reference (docs/limits.md).",
            ErrorType.INPUT_TOO_LARGE,
        )
    return data

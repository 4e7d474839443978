"""What a task carries, and how large it may be.

Passing every earlier output to every step would make a history grow with the square of its steps. So a task carries
what is small and new, up to a budget, and the rest by reference; and one that is larger than Temporal takes is refused
before it is sent: it would fail the workflow task for ever.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from agno_temporal.contract.errors import ErrorType
from agno_temporal.contract.outputs import Budget, Output, bare
from agno_temporal.contract.tasks import ContinueTask, EndCheck, EvaluateTask, Flow, Named, StepTask
from agno_temporal.plan import ExecutorKind, Node, StepNode
from agno_temporal.plan.data import Json, to_json, written_once
from agno_temporal.workflows.failures import RunFailed
from agno_temporal.workflows.frame import INLINE_BYTES, Frame, carried
from agno_temporal.workflows.run_state import RunState

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


def inlined(frame: Frame, node: Node) -> Flow:
    """What the node is given. An agent or a team reads the last earlier output alone (`execute.as_read_by`); the others
    are named all the same, for a deploy may put a function in its place."""
    previous = frame.flow.previous
    if isinstance(node, StepNode) and node.executor in (ExecutorKind.AGENT, ExecutorKind.TEAM):
        previous = (*(Named(named.name, bare(named.output)) for named in previous[:-1]), *previous[-1:])
    if frame.width > 1:
        previous = carried(previous, INLINE_BYTES // frame.width)
    return frame.row.shortened(replace(frame.flow, previous=previous))


def extras(frame: Frame) -> Any:
    return frame.extras and replace(frame.extras, previous_output=trimmed(frame.extras.previous_output))


def trimmed(output: Output | None) -> Any:
    return None if output is None else Budget(INLINE_BYTES).trim(output)


def measured(task: StepTask | ContinueTask | EvaluateTask, node: Node, width: int) -> object:
    """The task as it is sent.

    Raises:
        RunFailed: It is larger than Temporal takes.
    """
    data: dict[str, Json] = to_json(task)
    size = _size(data, () if isinstance(task, ContinueTask) else task.flow.previous)
    if size > min(MAX_TASK_BYTES, MAX_MESSAGE_BYTES // (1 + width)):
        beside = f", and 4 MB of the {width} steps that run beside each other" if width > 1 else ""
        raise RunFailed(
            f"step '{node.path}' (\"{node.name}\") would be given {size} bytes, of which the session state has "
            f"{len(json.dumps(task.state))}; Temporal takes 2 MB per payload{beside}. Keep large values out of "
            "session_state: return them from a step, or store a reference (docs/limits.md).",
            ErrorType.INPUT_TOO_LARGE,
        )
    return data


def _size(data: dict[str, Json], previous: tuple[Named, ...]) -> int:
    """The length of a task's JSON. The earlier outputs were measured when they came, and are not again."""
    flow = {name: [] if name == "previous" else item for name, item in data.get("flow", {}).items()}
    return len(json.dumps({**data, "flow": flow})) + sum(written_once(named)[1] + len(", ") for named in previous)

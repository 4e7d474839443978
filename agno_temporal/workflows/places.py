"""Where a node stands, as agno's events say it: index, parent, and the workflow around it.

agno hands these down while it runs, each container in its own way (agno/workflow/steps.py:740, loop.py:1056,
condition.py:1258, parallel.py:896, router.py:1189). All of it follows from the plan, so it is worked out once for all
runs of a plan, and whoever has an event to tell needs nothing but the path.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from agno_temporal.plan import (
    ConditionNode,
    LoopNode,
    Node,
    ParallelNode,
    Plan,
    RouterNode,
    StepNode,
    StepsNode,
    WorkflowNode,
    is_function,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One node's place.

    Attributes:
        index: The step's index, with those of the containers that count on. A workflow's own step has one number.
        parent: The id of the container around it, within its workflow.
        host: The path of the nested workflow that it belongs to; empty for the run's own.
        top_name: The name of its workflow's own step that it is in: agno's events fall back on it.
        silent: A workflow around its own shows nothing of what it nests (agno's `stream_executor_events=False`).
        ends_only: Of an agent's or team's events, only the last one is shown.
        is_step: False for what agno has no step for: a function in the place of a workflow's steps, and the agent in
            front of them.
    """

    node: Node
    index: tuple[int, ...]
    parent: str | None = None
    host: str = ""
    top_name: str | None = None
    silent: bool = False
    ends_only: bool = False
    is_step: bool = True


def places_of(plan: Plan) -> Mapping[str, Place]:
    """By path. One table for all runs of this worker that follow the plan: empty or whole, as their workflow tasks run
    side by side."""
    table = _table(plan.digest) if plan.digest else {}
    if not table:
        places: dict[str, Place] = {}
        _put_workflow(places, plan.steps, "", silent=False, shows=plan.stream_executor_events)
        if plan.agent is not None:
            places[plan.agent.path] = Place(plan.agent, (), is_step=False)
        table.update(places)
    return table


@functools.lru_cache(maxsize=256)
def _table(digest: str) -> dict[str, Place]:
    return {}


def _put_workflow(table: dict[str, Place], steps: tuple[Node, ...], host: str, silent: bool, shows: bool) -> None:
    hidden = silent or not shows
    if is_function(steps):
        table[steps[0].path] = Place(steps[0], (), host=host, silent=silent, ends_only=hidden, is_step=False)
        return
    for position, node in enumerate(steps):
        place = Place(node, (position,), host=host, top_name=node.name, silent=silent, ends_only=hidden)
        _put(table, place, hidden)


def _put(table: dict[str, Place], place: Place, silent_inside: bool) -> None:
    node = place.node
    table[node.path] = place
    match node:
        case WorkflowNode():
            _put_workflow(table, node.steps, node.path, silent_inside, node.stream_executor_events)
        case StepsNode() | LoopNode():
            _put_children(table, place, node.steps, silent_inside, counts=True)
        case ParallelNode():
            _put_children(table, place, node.steps, silent_inside, counts=len(place.index) == 1)
        case ConditionNode():
            for branch in (node.steps, node.else_steps):
                _put_children(table, place, branch, silent_inside, counts=len(place.index) == 1)
        case RouterNode():
            _put_children(table, place, node.choices, silent_inside, counts=False)
        case StepNode():
            pass


def _put_children(
    table: dict[str, Place], place: Place, steps: tuple[Node, ...], silent_inside: bool, counts: bool
) -> None:
    for position, node in enumerate(steps):
        index = (*place.index, position) if counts else place.index
        _put(table, replace(place, node=node, index=index, parent=place.node.step_id), silent_inside)

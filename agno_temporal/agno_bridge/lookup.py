"""Finding the live object behind a node of a run's plan.

A run follows the plan of the day it started, and the code has gone on since: a step was renamed, moved or removed. To
run whatever stands at the path now would run a step that nobody asked for, after a gate that was meant for another. So
path, name and kind must agree, and a step that is gone *blocks* until a deploy brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from agno_temporal.agno_bridge.live import LiveCondition, LiveLoop, LiveNode, LiveRouter, LiveStep
from agno_temporal.agno_bridge.refusals import shown

Found = TypeVar("Found", bound=LiveNode)

_KINDS: dict[type[Any], str] = {
    LiveStep: "step",
    LiveLoop: "loop",
    LiveCondition: "condition",
    LiveRouter: "router",
}


class StepBlocked(LookupError):
    """This worker's definition has not the node that the run's plan names."""


def find(live: Mapping[str, LiveNode], path: str, name: str | None, *kinds: type[Found]) -> Found:
    """The live object at a path, if it is of the plan's name and of one of these kinds.

    Raises:
        StepBlocked: It is not. The message names both.
    """
    node = live.get(path)
    if isinstance(node, kinds) and name_of(node) == name:
        return node
    there = "nothing to run" if node is None else f"the {_KINDS[type(node)]} {shown(name_of(node))}"
    kind = " or ".join(_KINDS[kind] for kind in kinds)
    raise StepBlocked(
        f"{place(path, name)}: the run's plan has the {kind} {shown(name)} here, and this worker's workflow "
        f"has {there}. Deploy a version that has it, under that name and at that place, or cancel the run."
    )


def name_of(node: LiveNode) -> str | None:
    """The name that the plan has for it."""
    match node:
        case LiveStep():
            return node.step.name
        case LiveLoop():
            return node.loop.name
        case LiveCondition():
            return node.condition.name
        case LiveRouter():
            return node.router.name


def place(path: str, name: str | None) -> str:
    """A step as errors name it: ``step '2' ("fetch")``."""
    return f"step '{path}'" if name is None else f"step '{path}' ({shown(name)})"

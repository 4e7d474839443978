"""Finding the live object behind a node of a run's plan.

A run follows the plan of the day it started, and the code has gone on since: a step was renamed, moved or removed. To
run whatever stands at the path now would run a step that nobody asked for, after a gate that was meant for another. So
path, name and kind must agree, for the node and for everything around it (`plan.ways`), and a step that is gone
*blocks* until a deploy brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from agno_temporal.agno_bridge.live import LiveCondition, LiveLoop, LiveNode, LiveRouter, LiveStep
from agno_temporal.agno_bridge.refusals import shown
from agno_temporal.plan import Node, Plan, RouterNode
from agno_temporal.plan.ways import Identity, first_difference, way_to

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


def refuse_elsewhere(then: Plan, now: Plan, path: str, name: str | None) -> None:
    """
    Args:
        then: The plan that the run follows.
        now: The worker's own.

    Raises:
        StepBlocked: The node is another one, or stands in another container or workflow. The message names both.
    """
    if (difference := first_difference(then, now, path)) is None:
        return
    before, today = difference
    where = "here" if before.path == path else f"around it, at '{before.path}'"
    raise StepBlocked(
        f"{place(path, name)}: the run's plan has {_described(before)} {where}, and this worker's workflow has "
        f"{_described(today)}. Deploy a version that has it, under that name and at that place, or cancel the run."
    )


def choices_of(then: Plan, now: Plan, path: str, selected: tuple[int, ...]) -> tuple[int, ...]:
    """A router's choices as the run's plan counts them, of those that the worker's own router has selected.

    Raises:
        StepBlocked: The plan does not have such a choice.
    """
    before, today = way_to(then, path)[-1], way_to(now, path)[-1]
    assert isinstance(before, RouterNode)
    assert isinstance(today, RouterNode)
    return tuple(_choice_of(before, today.choices, index) for index in selected)


def _choice_of(before: RouterNode, today: tuple[Node, ...], index: int) -> int:
    wanted = Identity.of(today[index])
    alike = [number for number, choice in enumerate(before.choices) if Identity.of(choice) == wanted]
    if index in alike:
        return index
    if len(alike) == 1:
        return alike[0]
    known = ", ".join(map(_described, before.choices))
    raise StepBlocked(
        f"{place(before.path, before.name)}: its selector chose {_described(today[index])}, and the run's plan has the "
        f"choices {known}. Deploy a version that has them, or cancel the run."
    )


def _described(node: Node) -> str:
    identity = Identity.of(node)
    if identity.is_whole:
        return f"the function {shown(node.name)}, which is the whole workflow,"
    if identity.workflow_id is not None:
        return f"the step {shown(node.name)} with the nested workflow {shown(identity.workflow_id)}"
    return f"the {node.KIND} {shown(node.name)}"


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

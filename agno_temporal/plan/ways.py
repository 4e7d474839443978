"""The way down to a node: what tells a step from another one of its name.

Path and name alone do not. Where two groups change places, ``1/steps/0`` is still a step "run", but of the other
group; a step that has become a nested workflow, or another workflow under the same step, keeps both as well. So two
versions of a workflow have the same step only where every node on the way down to it is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from agno_temporal.plan.nodes import ExecutorKind, Node, Plan, StepNode, WorkflowNode, children


@dataclass(frozen=True, slots=True)
class Identity:
    """What a node is, whatever it does: of a nested workflow also which one, and of a step whether it is all of its
    workflow. What runs a step (a function, an agent, a team) is its body, and may change."""

    kind: str
    name: str | None
    workflow_id: str | None = None
    is_whole: bool = False

    @classmethod
    def of(cls, node: Node) -> Identity:
        whole = isinstance(node, StepNode) and node.executor is ExecutorKind.WORKFLOW_FUNCTION
        workflow_id = node.workflow_id if isinstance(node, WorkflowNode) else None
        return cls(node.KIND, node.name, workflow_id, whole)


def way_to(plan: Plan, path: str) -> tuple[Node, ...]:
    """The nodes from the top down to the one at a path; empty where there is none."""
    if plan.agent is not None and plan.agent.path == path:
        return (plan.agent,)
    way: list[Node] = []
    below = plan.steps
    while node := next((one for one in below if _leads_to(one, path)), None):
        way.append(node)
        below = children(node)
    return tuple(way) if way and way[-1].path == path else ()


def first_difference(then: Plan, now: Plan, path: str) -> tuple[Node, Node] | None:
    """The highest two nodes on the way to a path that are not the same; None where all are, or one has no such path."""
    for before, today in zip(way_to(then, path), way_to(now, path), strict=False):
        if Identity.of(before) != Identity.of(today):
            return before, today
    return None


def _leads_to(node: Node, path: str) -> bool:
    return path == node.path or path.startswith(f"{node.path}/")

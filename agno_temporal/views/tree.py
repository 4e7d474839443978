"""A run's step tree: the plan, with where each node stands.

The run keeps one state for each path, and a loop walks the same paths again. So what stands behind the step that a
running loop is at was done in the iteration before, and is shown as not reached yet.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from agno_temporal.client import Blocked
from agno_temporal.contract.manifest import Asked, Manifest, NodeState
from agno_temporal.follow.mending import path_of
from agno_temporal.hitl import Resolution
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
)
from agno_temporal.views.kinds import ASKS, done_by, failure
from agno_temporal.views.text import one_line, span, tried


class Standing(enum.Enum):
    """Where a node stands."""

    DONE = "done"
    RUNNING = "running"
    WAITING = "waiting"
    BLOCKED = "blocked"
    FAILED = "failed"
    SKIPPED = "skipped"
    CUT_OFF = "cut off"
    NOT_YET = "not yet"
    NEVER = "not run"


_FOREMOST = (
    Standing.FAILED, Standing.CUT_OFF, Standing.DONE, Standing.SKIPPED, Standing.NOT_YET, Standing.NEVER,
)  # fmt: skip
"""An arm whose steps stand in several ways, none of them at work, is said to be the first of these."""


@dataclass(frozen=True)
class Branch:
    """A node of the tree as it is shown.

    Attributes:
        path: None for a branch of a Condition, which is no node.
        kind: The node's kind, as in the plan, or "branch".
        what: What it is, in words; empty for a branch.
        times: How often it ran.
        notes: What else there is to say: a deadline, a decision, why it is blocked.
    """

    name: str
    kind: str
    what: str
    standing: Standing
    path: str | None = None
    times: int = 0
    notes: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()


def step_tree(plan: Plan, manifest: Manifest, blocked: Iterable[Blocked], is_open: bool, now: float) -> list[Branch]:
    """The plan's nodes, as the run has left them so far."""
    return _Tree(manifest, blocked, is_open, now).branches(plan.steps)


class _Tree:
    def __init__(self, manifest: Manifest, blocked: Iterable[Blocked], is_open: bool, now: float) -> None:
        self._progress = manifest.progress or {}
        asked = sorted(manifest.asked, key=lambda one: one.resolution is None)
        self._asked = {one.requirement.path: one for one in asked}
        self._blocked = {path_of(one.activity_id): one for one in blocked}
        self._is_open = is_open
        self._now = now

    def branches(self, nodes: tuple[Node, ...], repeats: bool = False) -> list[Branch]:
        """Nodes that run one after another. With `repeats`, as the body of a loop that is at work."""
        found = [self._branch(node, repeats) for node in nodes]
        at = max((index for index, branch in enumerate(found) if _is_active(branch)), default=None)
        if not repeats or at is None:
            return found
        return found[: at + 1] + [_not_reached(branch) for branch in found[at + 1 :]]

    def _branch(self, node: Node, repeats: bool) -> Branch:
        state = self._progress.get(node.path, NodeState(""))
        standing = self._standing(node.path, state.state)
        return Branch(
            name=node.name or f"({node.KIND})",
            kind=node.KIND,
            what=_what(node),
            standing=standing,
            path=node.path,
            times=state.occurrence,
            notes=tuple(self._notes(node.path, standing)),
            branches=self._below(node, repeats, standing),
        )

    def _below(self, node: Node, repeats: bool, standing: Standing) -> tuple[Branch, ...]:
        match node:
            case StepNode():
                return ()
            case LoopNode():
                return tuple(self.branches(node.steps, repeats or standing is Standing.RUNNING))
            case ParallelNode():
                return tuple(self._branch(one, repeats) for one in node.steps)
            case ConditionNode() if node.else_steps:
                return (self._arm("if", node.steps, repeats), self._arm("else", node.else_steps, repeats))
            case RouterNode():
                return tuple(self.branches(node.choices, repeats))
            case ConditionNode() | StepsNode() | WorkflowNode():
                return tuple(self.branches(node.steps, repeats))
            case unreachable:
                assert_never(unreachable)

    def _arm(self, name: str, nodes: tuple[Node, ...], repeats: bool) -> Branch:
        branches = tuple(self.branches(nodes, repeats))
        return Branch(name, "branch", "", self._together(branches), branches=branches)

    def _together(self, branches: tuple[Branch, ...]) -> Standing:
        """Where an arm stands, for which the run keeps no state, by its steps."""
        standings = {branch.standing for branch in branches} or {self._not_begun()}
        if len(standings) == 1:
            return standings.pop()
        return Standing.RUNNING if any(map(_is_active, branches)) else min(standings, key=_FOREMOST.index)

    def _not_begun(self) -> Standing:
        return Standing.NOT_YET if self._is_open else Standing.NEVER

    def _standing(self, path: str, state: str) -> Standing:
        if path in self._blocked and self._is_open:
            return Standing.BLOCKED
        match state:
            case "done":
                return Standing.DONE
            case "failed":
                return Standing.FAILED
            case "skipped":
                return Standing.SKIPPED
            case "running" | "waiting":
                if not self._is_open:
                    return Standing.CUT_OFF
                return Standing.WAITING if state == "waiting" else Standing.RUNNING
        return self._not_begun()

    def _notes(self, path: str, standing: Standing) -> Iterable[str]:
        asked = self._asked.get(path)
        if asked is not None:
            yield self._waits(asked) if asked.resolution is None else decided(asked.resolution)
        if standing is Standing.BLOCKED:
            blocked = self._blocked[path]
            yield tried(blocked.attempts, blocked.reason)

    def _waits(self, asked: Asked) -> str:
        text = f"waits for {ASKS[asked.requirement.kind]}"
        if (why := failure(asked.requirement)) is not None:
            text += f" ({one_line(why)})"
        deadline = asked.requirement.deadline
        return text if deadline is None else f"{text}, {span(deadline - self._now)} left"


def decided(resolution: Resolution) -> str:
    """Who did what: "confirmed by ana"."""
    decision = resolution.decision
    return done_by(decision.action, decision.decided_by, decision.selected or (), decision.feedback)


def _what(node: Node) -> str:
    match node:
        case StepNode():
            return node.executor.value
        case LoopNode():
            return f"loop, at most {node.max_iterations} times"
        case _:
            return node.KIND


def _is_active(branch: Branch) -> bool:
    active = (Standing.RUNNING, Standing.WAITING, Standing.BLOCKED)
    return branch.standing in active or any(map(_is_active, branch.branches))


def _not_reached(branch: Branch) -> Branch:
    return replace(branch, standing=Standing.NOT_YET, notes=(), branches=tuple(map(_not_reached, branch.branches)))

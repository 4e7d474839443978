"""What is asked, of which node, in which words.

The words are agno's, because people and scripts know them; but each question carries the node's whole policy: agno
forgets the deadline and the retry limit of every pause that is not a Step's (docs/differences.md, D17 and D58), and
counts the steps of a loop's iterations for its iterations (D15).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from agno_temporal.contract.tasks import ExecutorPause
from agno_temporal.hitl import Kind, Policy, Requirement
from agno_temporal.plan import ConditionNode, GatedNode, LoopNode, Node, RouterNode, StepNode, StepsNode, WorkflowNode
from agno_temporal.workflows.failures import StepFailed
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.journal import current
from agno_temporal.workflows.run_state import RunState


@dataclass(frozen=True, slots=True)
class Rejections:
    """The rejections of one node so far, and what the last one said; of a step that failed, its retries."""

    count: int = 0
    by_timer: int = 0
    feedback: str | None = None

    def plus(self, feedback: str | None, by_timer: bool) -> Rejections:
        return Rejections(self.count + 1, self.by_timer + by_timer, feedback)


NO_REJECTIONS = Rejections()


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of one node."""

    state: RunState
    node: GatedNode
    frame: Frame

    def before(self, rejections: Rejections) -> Requirement | None:
        """What is asked before it runs; None where nothing is. A Step's confirmation and form are one question
        (agno/workflow/step.py:855)."""
        review = self.node.review
        is_step = isinstance(self.node, StepNode | WorkflowNode)
        form = (review.user_input_schema or ()) if review.requires_user_input and is_step else None
        if review.requires_confirmation:
            message = review.confirmation_message or self._confirmation_message()
            asked = self._new(Kind.CONFIRMATION, message, rejections)
            return replace(asked, schema=form, form_message=review.user_input_message)
        if form is not None:
            return replace(self._new(Kind.USER_INPUT, review.user_input_message, rejections), schema=form)
        return None

    def route(self, choices: tuple[str, ...], rejections: Rejections) -> Requirement:
        """Which of a router's choices are to run (agno/workflow/router.py:155)."""
        review = self.node.review
        message = review.user_input_message or f"Select a route from: {', '.join(choices)}"
        return replace(
            self._new(Kind.ROUTE_SELECTION, message, rejections),
            choices=choices,
            allow_multiple_selections=review.allow_multiple_selections,
            schema=review.user_input_schema,
        )

    def output(self, rejections: Rejections, error: str | None) -> Requirement:
        """Whether what it produced may stand. `error` is what its predicate raised."""
        message = self.node.review.output_review_message or self._review_message()
        asked = replace(self._new(Kind.OUTPUT_REVIEW, message, rejections), error=error)
        return replace(asked, choices=names_of(self.node)) if isinstance(self.node, RouterNode) else asked

    def iteration(self, number: int, of: int, rejections: Rejections) -> Requirement:
        """Whether a loop is done (agno/workflow/loop.py:183)."""
        message = self.node.review.iteration_review_message
        name = self.node.name or "loop"
        message = message or f"Loop '{name}' completed iteration {number}/{of}. Continue?"
        return self._new(Kind.ITERATION_REVIEW, message, rejections)

    def failure(self, failed: Node, error: StepFailed, retries: Rejections) -> Requirement:
        """What is to become of a failure: of this node's own, or of one inside. `retries` came before."""
        message = f"Step '{failed.path}' (\"{failed.name}\") failed. Retry it, or skip '{self._name}'?"
        asked = self._new(Kind.ERROR, message, replace(retries, feedback=None))
        return replace(asked, error=error.message, error_type=error.error_type)

    def tools(self, pause: ExecutorPause) -> Requirement:
        """What an agent's or a team's tools ask. They have no words but their own."""
        return replace(self._new(Kind.EXECUTOR, None, NO_REJECTIONS), executor=pause.executor, tools=pause.tools)

    def _new(self, kind: Kind, message: str | None, rejections: Rejections) -> Requirement:
        state, node = self.state, self.node
        asked, _ = current().counted(lambda: state.counted(f"{node.path}?"))
        policy = Policy.of(node.review)
        return Requirement(
            id=state.requirement_id(node.path, asked.occurrence),
            path=node.path,
            step_name=self._name,
            step_index=self.frame.index,
            step_type=_step_type(node),
            kind=kind,
            occurrence=asked.occurrence,
            opened_at=asked.at,
            deadline=None if policy.timeout is None else asked.at + policy.timeout,
            message=message,
            policy=policy,
            retry_count=rejections.count,
            timer_rejections=rejections.by_timer,
            feedback=rejections.feedback,
        )

    @property
    def _name(self) -> str:
        return self.node.name or f"{_step_type(self.node).lower()}_{self.frame.index + 1}"

    def _confirmation_message(self) -> str | None:
        """agno has no default for a Step. A condition's says what "no" does, which in agno is right for "else" only
        (agno/workflow/condition.py:163)."""
        name = self.node.name or _step_type(self.node).lower()
        match self.node:
            case StepsNode():
                return f"Execute steps pipeline '{name}'?"
            case LoopNode():
                return f"Execute loop '{name}'?"
            case ConditionNode():
                return f"Execute condition '{name}'? (yes=if branch, no={_ELSEWISE[self.node.review.on_reject]})"
            case RouterNode():
                return f"Execute router '{name}' with selected steps?"
            case _:
                return None

    def _review_message(self) -> str:
        if isinstance(self.node, RouterNode):
            return f"Review output of router '{self._name}'?"
        return f"Review output of step '{self.node.name or 'step'}'?"  # agno/workflow/step.py:922


_ELSEWISE = {"else": "else branch", "skip": "neither branch", "cancel": "cancel the run", "retry": "ask again"}


def names_of(router: RouterNode) -> tuple[str, ...]:
    """The names of a router's choices."""
    return tuple(choice.name for choice in router.choices if choice.name)


def _step_type(node: Any) -> str:
    """What agno calls it in a requirement. A nested workflow is asked about as the Step that holds it."""
    return "Step" if isinstance(node, WorkflowNode) else str(node.KIND).capitalize()

"""A workflow before it runs, as JSON: its step tree, and where it will ask a human."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from agno_temporal.plan import (
    Call,
    ConditionNode,
    LoopNode,
    Node,
    ParallelNode,
    Plan,
    Review,
    RouterNode,
    StepNode,
    StepsNode,
    WorkflowNode,
)
from agno_temporal.views.documents import Document, field_document


def plan_document(plan: Plan) -> Document:
    """The keys are those of a run's `steps`, where both have one. What an agent's tools will ask is not known yet."""
    return {"digest": plan.digest, "steps": [_node(node) for node in plan.steps]}


def _node(node: Node) -> Document:
    return {
        "path": node.path,
        "name": node.name,
        "kind": node.KIND,
        **_details(node),
        "asks": [] if isinstance(node, ParallelNode) else list(_asks(node)),
        "steps": _below(node),
    }


def _details(node: Node) -> Document:
    match node:
        case StepNode():
            return {"executor": node.executor.value, "executor_name": node.executor_name}
        case LoopNode():
            return {"max_iterations": node.max_iterations}
        case WorkflowNode():
            return {"workflow_id": node.workflow_id}
        case _:
            return {}


def _below(node: Node) -> list[Document]:
    match node:
        case StepNode():
            return []
        case ConditionNode() if node.else_steps:
            return [_arm("if", node.steps), _arm("else", node.else_steps)]
        case RouterNode():
            return [_node(one) for one in node.choices]
        case ConditionNode() | LoopNode() | ParallelNode() | StepsNode() | WorkflowNode():
            return [_node(one) for one in node.steps]
        case unreachable:
            assert_never(unreachable)


def _arm(name: str, nodes: tuple[Node, ...]) -> Document:
    return {"path": None, "name": name, "kind": "branch", "asks": [], "steps": [_node(one) for one in nodes]}


def _asks(node: Node) -> Iterator[Document]:
    """The questions of one node, in the order in which they would come."""
    if isinstance(node, ParallelNode):
        return
    review = node.review
    if review.requires_confirmation:
        yield _question("confirmation", review, review.confirmation_message)
    if review.requires_user_input and isinstance(node, RouterNode):
        yield _question("route_selection", review, review.user_input_message)
    elif review.requires_user_input and not review.requires_confirmation:
        yield _question("user_input", review, review.user_input_message)
    if review.output_review not in (Call.NONE, Call.NEVER):
        sometimes = review.output_review is not Call.ALWAYS
        yield {**_question("output_review", review, review.output_review_message), "sometimes": sometimes}
    if review.iteration_review:
        yield _question("iteration_review", review, review.iteration_review_message)
    if review.on_error == "pause":
        yield _question("error", review, None)


def _question(kind: str, review: Review, message: str | None) -> Document:
    has_form = review.requires_user_input and kind in ("confirmation", "user_input", "route_selection")
    return {
        "kind": kind,
        "message": message,
        "fields": [field_document(one) for one in review.user_input_schema or ()] if has_form else None,
        "timeout": review.timeout,
        "on_timeout": review.on_timeout,
        "on_reject": review.on_reject,
        "max_retries": review.max_retries,
    }

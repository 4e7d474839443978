"""Asking what is to become of what a node produced: it stands, is replaced, is dropped, or is made anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from agno_temporal.contract.outputs import Group, Leaf, Made, Output
from agno_temporal.contract.tasks import Extras
from agno_temporal.hitl import AskAgain, Cancel, Proceed, Redo, Skip, TakeElse
from agno_temporal.plan import Call, RouterNode, StepNode, WorkflowNode
from agno_temporal.plan.data import Json
from agno_temporal.workflows import calls
from agno_temporal.workflows.failures import NodeSkipped, RunCancelled
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.questions import NO_REJECTIONS, Questions, Rejections

if TYPE_CHECKING:
    from agno_temporal.workflows.interpreter import Interpreter

Attempt: TypeAlias = Callable[[Extras | None, Rejections], Awaitable[Output]]
"""Runs a node once: given what its reviewer said of the last output, and how often it was rejected."""


async def reviewed(
    walk: Interpreter, node: StepNode | WorkflowNode | RouterNode, frame: Frame, attempt: Attempt
) -> Output:
    """Run a node until its output stands.

    Raises:
        NodeSkipped, RunCancelled: A rejection drops it, or cancels the run.
    """
    questions = Questions(walk.state, node, frame)
    extras: Extras | None = None
    rejections = NO_REJECTIONS
    walk.state.approved.discard(node.path)
    while True:
        output = await attempt(extras, rejections)
        asks, error = await _must_review(walk, node, frame, output)
        if not asks:
            return output
        outcome, by_timer = await walk.gates.ask(questions.output(rejections, error), frame.flow, output)
        match outcome:
            case Proceed(edited=edited, edited_output=content):
                walk.state.approved.add(node.path)
                return with_edit(output, content) if edited else output
            case Skip() | TakeElse():
                raise NodeSkipped(node.path)
            case Cancel(reason):
                raise RunCancelled(reason, node.path, output)
            case AskAgain(feedback) | Redo(feedback):
                rejections = rejections.plus(feedback, by_timer)
                extras = Extras(previous_output=output, rejection_feedback=feedback)
            case unreachable:
                assert_never(unreachable)


async def _must_review(
    walk: Interpreter, node: StepNode | WorkflowNode | RouterNode, frame: Frame, output: Output
) -> tuple[bool, str | None]:
    """Whether to ask, and why a predicate could not say. One that raises means "ask": agno goes on instead
    (agno/workflow/utils/hitl.py:305)."""
    call = node.review.output_review
    if call is not Call.FUNCTION:
        return call is Call.ALWAYS, None
    answer = await calls.evaluate(walk.state, node, frame, "review", call, (output,))
    return answer.value or answer.error is not None, answer.error


def with_edit(output: Output, content: Json) -> Output:
    """The output with what a reviewer put in place of its content."""
    match output:
        case Leaf() | Group():
            return replace(output, edited=content, has_edit=True)
        case Made():
            return replace(output, content=content)
        case unreachable:
            assert_never(unreachable)

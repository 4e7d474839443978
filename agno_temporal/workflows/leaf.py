"""A step with its gates: asked before it runs, reviewed after, run again as often as its reviewer says.

The order at one step is agno's (agno/workflow/workflow.py:4015-4110): confirmation and input as one question, then the
step, then the review of its output, then again from the step. It holds at any depth, where agno asks at top level only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias, assert_never

from agno_temporal.contract.outputs import Group, Leaf, Made, Output
from agno_temporal.contract.tasks import Extras
from agno_temporal.hitl import AskAgain, Cancel, Kind, Proceed, Redo, Skip
from agno_temporal.plan import Call, InputField, StepNode, WorkflowNode
from agno_temporal.plan.data import Json
from agno_temporal.workflows import calls
from agno_temporal.workflows.failures import RunCancelled, StepFailed, StepSkipped
from agno_temporal.workflows.frame import Frame
from agno_temporal.workflows.gate import NO_REJECTIONS, Gates, new_requirement
from agno_temporal.workflows.run_state import RunState

Attempt: TypeAlias = Callable[[Extras | None], Awaitable[Output]]

DEFAULT_REVIEW_MESSAGE = "Review output of step '{name}'?"
"""agno/workflow/step.py:922."""


async def gated(
    state: RunState, gates: Gates, node: StepNode | WorkflowNode, frame: Frame, attempt: Attempt
) -> Output | None:
    """Run a step between its gates.

    Returns:
        Its output, or None where a rejection skips it: then it leaves no trace in later steps' input, as in agno.

    Raises:
        RunCancelled: A decision cancels the run.
        StepFailed: The step failed, and its policy hands that to the container.
    """
    try:
        values = await _admitted(state, gates, node, frame)
        output = await _reviewed(state, gates, node, frame, attempt, values)
    except StepSkipped:
        state.mark(node.path, "skipped")
        return None
    except StepFailed:
        state.mark(node.path, "failed")
        raise
    state.mark(node.path, "done" if output.success else "failed")
    return output


async def _admitted(state: RunState, gates: Gates, node: StepNode | WorkflowNode, frame: Frame) -> Json:
    """Ask before the step runs, as often as the answer is "ask again". Returns what was filled in."""
    review = node.review
    if not (review.requires_confirmation or review.requires_user_input):
        return None
    kind = Kind.CONFIRMATION if review.requires_confirmation else Kind.USER_INPUT
    message = review.confirmation_message if review.requires_confirmation else review.user_input_message
    form_message = review.user_input_message if review.requires_confirmation else None
    schema = (review.user_input_schema or ()) if review.requires_user_input else None
    rejections = NO_REJECTIONS
    while True:
        requirement = new_requirement(state, node, frame, kind, message, schema, rejections, form_message=form_message)
        outcome, by_timer = await gates.ask(requirement, frame.flow, None)
        match outcome:
            case Proceed(values=values):
                return _in_form_order(schema, values)
            case Skip():
                raise StepSkipped
            case Cancel(reason):
                raise RunCancelled(reason, node.path)
            case AskAgain(feedback) | Redo(feedback):
                rejections = rejections.plus(feedback, by_timer)
            case unreachable:
                assert_never(unreachable)


def _in_form_order(schema: tuple[InputField, ...] | None, values: dict[str, Json] | None) -> Json:
    """The values in the order of the form, since an agent is told them one by one. Payloads keep no order of keys, so
    that it is written as pairs (`agno_bridge.value_writer`)."""
    if not values or not schema:
        return values
    return {"$type": "dict", "items": [[field.name, values[field.name]] for field in schema if field.name in values]}


async def _reviewed(
    state: RunState, gates: Gates, node: StepNode | WorkflowNode, frame: Frame, attempt: Attempt, values: Json
) -> Output:
    """Run the step until its output stands."""
    extras = Extras(user_input=values) if values else None
    rejections = NO_REJECTIONS
    state.approved.discard(node.path)
    while True:
        output = await _attempted(state, node, frame, attempt, extras)
        asks, error = await _must_review(state, node, frame, output)
        if not asks:
            return output
        message = node.review.output_review_message or DEFAULT_REVIEW_MESSAGE.format(name=node.name or "step")
        requirement = new_requirement(
            state, node, frame, Kind.OUTPUT_REVIEW, message, rejections=rejections, error=error
        )
        outcome, by_timer = await gates.ask(requirement, frame.flow, output)
        match outcome:
            case Proceed(edited=edited, edited_output=content):
                state.approved.add(node.path)
                return _edited(output, content) if edited else output
            case Skip():
                raise StepSkipped
            case Cancel(reason):
                raise RunCancelled(reason, node.path, output)
            case AskAgain(feedback) | Redo(feedback):
                rejections = rejections.plus(feedback, by_timer)
                extras = Extras(user_input=values, previous_output=output, rejection_feedback=feedback)
            case unreachable:
                assert_never(unreachable)


async def _attempted(
    state: RunState, node: StepNode | WorkflowNode, frame: Frame, attempt: Attempt, extras: Extras | None
) -> Output:
    """One attempt, with what the step's own policies make of a failure (agno/workflow/step.py:1345)."""
    try:
        return await attempt(extras)
    except StepFailed as error:
        if node.skip_on_failure:
            return Made(None, f"Step {node.name} failed but skipped", success=False, error=error.message)
        if frame.top and node.review.on_error == "skip":
            return skipped_by_error(node.name, node.step_id, error)
        raise


def skipped_by_error(name: str | None, step_id: str | None, error: StepFailed) -> Made:
    """What stands for a top-level step that failed under ``on_error="skip"`` (agno/workflow/workflow.py:365)."""
    return Made(
        name,
        f"Step skipped due to error: {error.message}",
        step_id=step_id,
        step_type="Step",
        success=False,
        error=error.message,
    )


async def _must_review(
    state: RunState, node: StepNode | WorkflowNode, frame: Frame, output: Output
) -> tuple[bool, str | None]:
    """Whether to ask, and why a predicate could not say. One that raises means "ask": agno goes on instead
    (agno/workflow/utils/hitl.py:305)."""
    call = node.review.output_review
    if call is not Call.FUNCTION:
        return call is Call.ALWAYS, None
    answer = await calls.evaluate(state, node, frame, "review", call, (output,))
    return answer.value or answer.error is not None, answer.error


def _edited(output: Output, content: Json) -> Output:
    match output:
        case Leaf() | Group():
            return replace(output, edited=content, has_edit=True)
        case Made():
            return replace(output, content=content)
        case unreachable:
            assert_never(unreachable)

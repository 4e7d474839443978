"""agno's `StepRequirement`, as it is shown to a human.

What goes out here comes back changed, and agno believes all of it (docs/differences.md, D26). So the object is only a
view: what decides is the `Requirement` in the Temporal workflow, and `decisions` takes nothing but the answer from it.

Three fields mean something else than in agno. `step_id` is the requirement's id, unique for this occurrence: agno's is
the same in every iteration, and a click that was meant for the first would decide the second. A field's default stands
in its description, because agno takes any `value` for an answer (agno/workflow/types.py:1060). And a form, or a
choice of routes, that was closed without an answer (rejected, skipped, cancelled) no longer says that one is required,
or agno's own lists of what waits would show it for ever.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, assert_never

from agno.workflow.types import ErrorRequirement, StepRequirement, UserInputField

from agno_temporal.agno_bridge.bodies import Bodies
from agno_temporal.agno_bridge.executor_requirements import executor_requirement
from agno_temporal.agno_bridge.step_inputs import step_input
from agno_temporal.agno_bridge.step_outputs import step_output
from agno_temporal.agno_bridge.values import decode
from agno_temporal.contract.manifest import Asked
from agno_temporal.contract.request import RunRequest
from agno_temporal.hitl import Action, Decision, Kind, Redo, Requirement, outcome_of
from agno_temporal.plan import InputField


def step_requirement(asked: Asked, request: RunRequest, bodies: Bodies) -> StepRequirement:
    """The requirement as agno's `create_step_requirement` and `create_output_review_requirement` fill it
    (agno/workflow/step.py:832-939), with the answer, if it has one."""
    one = asked.requirement
    if one.kind is Kind.EXECUTOR:
        return executor_requirement(asked, bodies)
    given = None if asked.flow is None else step_input(asked.flow, request, bodies)
    if given and given.previous_step_outputs and asked.output is not None:
        given.previous_step_content = given.get_last_step_content()  # As the step had it (agno/workflow/step.py:1117).
    shown = StepRequirement(
        step_id=one.id,
        step_name=one.step_name,
        step_index=one.step_index,
        step_type=one.step_type,
        on_reject=one.policy.on_reject,
        step_input=given,
        rejection_feedback=one.feedback,
        retry_count=one.retry_count,
        max_retries=one.policy.max_retries,
        timeout_at=None if one.deadline is None else datetime.fromtimestamp(one.deadline, UTC),
        on_timeout=one.policy.on_timeout,
        **_questions(one),
    )
    if asked.output is not None:
        shown.step_output = step_output(asked.output, bodies)
        if one.kind is Kind.ITERATION_REVIEW:  # agno shows the iteration's last step (agno/workflow/workflow.py:4075).
            shown.step_output = (shown.step_output.steps or [shown.step_output])[-1]
    if asked.resolution is not None:
        _answer(shown, asked.resolution.decision, bodies.lenient)
    return shown


def error_requirement(asked: Asked, request: RunRequest, bodies: Bodies) -> ErrorRequirement:
    """The requirement as agno's `create_error_requirement` fills it (agno/workflow/step.py:878), with the answer, if it
    has one."""
    one = asked.requirement
    shown = ErrorRequirement(
        step_id=one.id,
        step_name=one.step_name,
        step_index=one.step_index,
        error_message=one.error or "",
        error_type=one.error_type,
        retry_count=one.retry_count,
        step_input=None if asked.flow is None else step_input(asked.flow, request, bodies),
    )
    if asked.resolution is not None:
        again = isinstance(outcome_of(one, asked.resolution.decision), Redo)
        shown.decision = "retry" if again else "skip"
    return shown


def _questions(one: Requirement) -> dict[str, Any]:
    match one.kind:
        case Kind.CONFIRMATION:
            return {"requires_confirmation": True, "confirmation_message": one.message, **_form(one)}
        case Kind.USER_INPUT:
            return _form(one)
        case Kind.ROUTE_SELECTION:
            return {
                "requires_route_selection": True,
                "user_input_message": one.message,
                "user_input_schema": [_field(field) for field in one.schema or ()] or None,
                **_routes(one),
            }
        case Kind.ERROR:
            raise AssertionError("a failure is shown as an ErrorRequirement")
        case Kind.EXECUTOR:
            raise AssertionError("a paused executor is shown by executor_requirement")
        case Kind.OUTPUT_REVIEW | Kind.ITERATION_REVIEW:
            message = one.message or f"Review output of step '{one.step_name}'?"
            if one.error is not None:
                message += f"\n(You are asked because the step's own review function failed: {one.error})"
            return {
                "requires_output_review": True,
                "output_review_message": message,
                "requires_confirmation": True,
                "confirmation_message": message,
                "is_post_execution": True,
                **_routes(one),
            }
        case unreachable:
            assert_never(unreachable)


def _routes(one: Requirement) -> dict[str, Any]:
    if one.choices is None:
        return {}
    return {
        "available_choices": list(one.choices),
        "allow_multiple_selections": one.allow_multiple_selections,
    }


def _form(one: Requirement) -> dict[str, Any]:
    if one.schema is None:
        return {}
    return {
        "requires_user_input": True,
        "user_input_message": one.message if one.kind is Kind.USER_INPUT else one.form_message,
        "user_input_schema": [_field(field) for field in one.schema] or None,
    }


def _field(field: InputField) -> UserInputField:
    description = field.description
    if field.value is not None:
        default = field.value if isinstance(field.value, str) else json.dumps(field.value, ensure_ascii=False)
        description = f"{description} (default: {default})" if description else f"(default: {default})"
    return UserInputField(
        name=field.name,
        field_type=field.field_type,
        description=description,
        required=field.required,
        allowed_values=None if field.allowed_values is None else list(field.allowed_values),
    )


def _answer(shown: StepRequirement, decision: Decision, lenient: bool) -> None:
    """What was decided, in agno's fields. The timer's skip and cancel look as in agno (workflow.py:6672)."""
    values: Any = None if decision.values is None else decode(decision.values, lenient)
    if values and shown.user_input_schema:  # The order of the form: payloads keep none.
        values = {field.name: values[field.name] for field in shown.user_input_schema if field.name in values}
    match decision.action:
        case Action.CONFIRM | Action.INPUT | Action.EDIT:
            if shown.requires_confirmation:
                shown.confirmed = True
            if shown.requires_user_input:
                shown.user_input = values or {}
            if decision.action is Action.EDIT:
                shown.edited_output = decode(decision.edited_output, lenient)
        case Action.REJECT:
            shown.confirmed = False
            shown.rejection_feedback = decision.feedback
        case Action.SELECT:
            shown.selected_choices = None if decision.selected is None else list(decision.selected)
            if values:
                shown.user_input = values
        case Action.ANSWER:
            raise AssertionError("only a paused executor is answered")
        case Action.SKIP | Action.CANCEL | Action.RETRY:
            shown.confirmed = False
            shown.on_reject = decision.action.value
        case unreachable:
            assert_never(unreachable)
    for field in shown.user_input_schema or ():
        field.value = (values or {}).get(field.name)
    shown.requires_user_input = shown.requires_user_input and not shown.needs_user_input
    shown.requires_route_selection = shown.requires_route_selection and not shown.needs_route_selection

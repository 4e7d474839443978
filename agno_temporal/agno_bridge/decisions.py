"""What a client decided on agno's object: only the answer, never the rules.

A client may have changed any field of a `StepRequirement`: its deadline, its policy, whether it asks at all. None of
that is read here. A half-given answer is an error and not a guess: agno takes an unresolved confirmation for a
rejection in one place and runs the step in another (docs/differences.md, D22, D14). So is an answer of another type:
agno's objects are made of JSON as it comes, where "false" is a text like any other, and agno takes each for a yes.
"""

from __future__ import annotations

from typing import Any

from agno.workflow.types import ErrorRequirement, StepRequirement

from agno_temporal.agno_bridge.executor_requirements import executor_decision
from agno_temporal.agno_bridge.values import encode, encode_each
from agno_temporal.hitl import Action, Decision, Requirement
from agno_temporal.plan.data import Json


def decision_of(requirement: StepRequirement | ErrorRequirement, asked: Requirement | None = None) -> Decision | None:
    """The decision that an open requirement now holds; None if nothing was decided.

    Feedback of an earlier rejection, which the requirement shows, counts as this rejection's unless another is given.

    Args:
        asked: The same as the run has it, where it is open.

    Raises:
        ValueError: The answer is not complete. Names the step and what is missing.
        NotSerialisable: The edited output, or a value, cannot be kept.
    """
    refuse_mistyped(requirement)
    if isinstance(requirement, ErrorRequirement):
        return _on_error(requirement)
    if requirement.requires_executor_input:
        return executor_decision(requirement, () if asked is None else asked.tools)
    if requirement.confirmed is False:
        return Decision(requirement.step_id, Action.REJECT, feedback=requirement.rejection_feedback)
    if requirement.edited_output is not None:
        edited = encode(requirement.edited_output, f"step {requirement.step_name!r} edited_output")
        return Decision(requirement.step_id, Action.EDIT, edited_output=edited)
    if requirement.requires_route_selection:
        return _chosen(requirement)
    if requirement.requires_user_input:
        return _filled_in(requirement)
    return Decision(requirement.step_id, Action.CONFIRM) if requirement.confirmed else None


def refuse_mistyped(requirement: StepRequirement | ErrorRequirement) -> None:
    """
    Raises:
        ValueError: A part of the answer is of another type than agno's. Names the step and the part.
    """
    if not isinstance(requirement.step_id, str):
        raise ValueError(f"A requirement has the step_id {requirement.step_id!r}; it is the text that the run gave it.")
    if isinstance(requirement, ErrorRequirement):
        return
    confirmed: Any = requirement.confirmed
    choices: Any = requirement.selected_choices
    executors: Any = requirement.executor_requirements
    where = f"Step {requirement.step_name!r}"
    if not isinstance(confirmed, bool | None):
        raise ValueError(f"{where}: confirmed={confirmed!r} is neither true nor false.")
    if not _is_list(choices) or not all(isinstance(one, str) for one in choices or ()):
        raise ValueError(f"{where}: selected_choices={choices!r} is no list of names.")
    if not _is_list(executors):
        raise ValueError(f"{where}: executor_requirements={executors!r} is no list.")


def _is_list(given: Any) -> bool:
    return given is None or isinstance(given, list | tuple)


def _on_error(requirement: ErrorRequirement) -> Decision | None:
    match requirement.decision:
        case None:
            return None
        case "retry":
            return Decision(requirement.step_id, Action.RETRY)
        case "skip":
            return Decision(requirement.step_id, Action.SKIP)
    raise ValueError(
        f"Step {requirement.step_name!r}: the decision {requirement.decision!r} is neither 'retry' nor 'skip'. "
        "Call retry() or skip()."
    )


def _chosen(requirement: StepRequirement) -> Decision | None:
    if requirement.selected_choices is None:
        if requirement.confirmed:
            raise ValueError(f"Router {requirement.step_name!r} was confirmed, but no route chosen. Call select(...).")
        return None
    values = _values(requirement) or None
    return Decision(requirement.step_id, Action.SELECT, selected=tuple(requirement.selected_choices), values=values)


def _filled_in(requirement: StepRequirement) -> Decision | None:
    values = _values(requirement)
    if requirement.confirmed is None and not values and requirement.user_input is None:
        return None
    if requirement.requires_confirmation and requirement.confirmed is None:
        raise ValueError(
            f"Step {requirement.step_name!r} was filled in, but not confirmed. Call confirm() as well, or reject()."
        )
    if missing := _missing(requirement, values):
        raise ValueError(
            f"Step {requirement.step_name!r} still needs {', '.join(missing)}. Call set_user_input(...), or reject()."
        )
    action = Action.CONFIRM if requirement.requires_confirmation else Action.INPUT
    return Decision(requirement.step_id, action, values=values)


def _values(requirement: StepRequirement) -> dict[str, Json]:
    """What was given to `set_user_input`, or put into the form's fields, which agno loses."""
    given: dict[str, Any] = {
        field.name: field.value for field in requirement.user_input_schema or () if field.value is not None
    }
    given |= requirement.user_input or {}
    return encode_each(given, f"step {requirement.step_name!r} ")


def _missing(requirement: StepRequirement, values: dict[str, Json]) -> list[str]:
    if not requirement.user_input_schema:
        return [] if values else ["at least one value"]
    return [field.name for field in requirement.user_input_schema if field.required and values.get(field.name) is None]

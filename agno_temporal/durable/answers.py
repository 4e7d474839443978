"""What a caller decided on the objects, or the JSON, that it hands back.

A caller hands back the whole list, old questions and new, and may have changed any of it: turned a gate's flags off,
moved its deadline, or left out all but an id and an answer. So each answer is put onto the run's own requirement of the
same id, and read from there. Of a question that was decided before, the echo of its answer is no decision, also where
it went through JSON, which keeps fewer types; any other answer is one, and the run refuses it and says who won.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias

from agno.utils.serialize import json_serializer
from agno.workflow.types import ErrorRequirement, StepRequirement

from agno_temporal.agno_bridge.decisions import decision_of, refuse_mistyped
from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Decision

AnyRequirement: TypeAlias = StepRequirement | ErrorRequirement

_ANSWER: Final = ("confirmed", "rejection_feedback", "user_input", "edited_output", "selected_choices")
"""What is a reader's to fill in on a `StepRequirement`, beside the values in its form and the answers to its tools."""


def new_decisions(
    given: Iterable[AnyRequirement], now: Iterable[AnyRequirement], manifest: Manifest
) -> Iterator[Decision]:
    """What the caller decided that the run does not know yet.

    Args:
        given: What the caller handed back.
        now: The run's own requirements, with the answers that were taken.
        manifest: The same run, which says what is open.

    Raises:
        ValueError: An answer is not complete.
        NotSerialisable: A value cannot be kept.
    """
    own = {one.step_id: one for one in now}
    waiting = {asked.requirement.id: asked.requirement for asked in manifest.asked if asked.resolution is None}
    for one in given:
        refuse_mistyped(one)
        known = own.get(one.step_id)
        if known is None:
            decision = decision_of(one)
        elif known.step_id in waiting:
            decision = decision_of(_answered(known, one), waiting[known.step_id])
        else:
            decision = None if _is_echo(one, known) else decision_of(one)
        if decision is not None:
            yield decision


def nothing_decided(given: Iterable[AnyRequirement], manifest: Manifest) -> str:
    """What a caller hears who continues without an answer: what waits, and what was decided of theirs meanwhile."""
    waiting = [asked.requirement.step_name for asked in manifest.asked if asked.resolution is None]
    text = f"Cannot continue run - unresolved step requirements: {waiting}. Decide one of them first."
    theirs = {one.step_id for one in given if not one.is_resolved}
    for asked in manifest.asked:
        if asked.resolution is not None and asked.requirement.id in theirs:
            decision = asked.resolution.decision
            by = decision.decided_by or "an unnamed caller"
            text += f" Step {asked.requirement.step_name!r} was decided meanwhile: {decision.action.value} by {by}."
    return text


def _answered(known: AnyRequirement, given: AnyRequirement) -> AnyRequirement:
    """The run's own requirement with the caller's answer."""
    if isinstance(known, ErrorRequirement):
        return replace(known, decision=_on_error(given))
    if isinstance(given, ErrorRequirement):
        return known
    answer: dict[str, Any] = {name: getattr(given, name) for name in _ANSWER}
    if given.executor_requirements is not None:
        answer["executor_requirements"] = given.executor_requirements
    values = {field.name: field.value for field in given.user_input_schema or ()}
    if known.user_input_schema is not None:
        answer["user_input_schema"] = [
            replace(field, value=values.get(field.name, field.value)) for field in known.user_input_schema
        ]
    return replace(known, **answer)


def _on_error(given: AnyRequirement) -> Any:
    """agno's routes take no `ErrorRequirement`: there, to confirm is to try again."""
    if isinstance(given, ErrorRequirement):
        return given.decision
    if given.confirmed is False:
        raise ValueError(
            f"Step {given.step_name!r} failed: it is tried again (confirm) or left out, and a rejection says neither. "
            f"Leave it out with POST /v1/runs/RUN/requirements/{given.step_id}/skip, or cancel the run."
        )
    return "retry" if given.confirmed else None


def _is_echo(given: AnyRequirement, known: AnyRequirement) -> bool:
    try:
        decision = decision_of(given)
    except ValueError:
        return False
    return decision is None or any(decision == decision_of(one) for one in (known, _through_json(known)))


def _through_json(known: AnyRequirement) -> AnyRequirement:
    data: Mapping[str, Any] = json.loads(json.dumps(known.to_dict(), default=json_serializer))
    return type(known).from_dict(dict(data))

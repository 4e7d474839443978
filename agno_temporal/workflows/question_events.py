"""What is told of a pause: that it waits, and that it goes on.

In agno the first is the last event of a stream, and the second the first one of the next. What is answered by leaving
something out, by another branch or by a route is told by what follows, without an event of its own
(agno/workflow/workflow.py:6925, 9800).
"""

from __future__ import annotations

from typing import Final

from agno_temporal.hitl import Kind, Outcome, Proceed, Redo, Requirement
from agno_temporal.workflows.events import EventLog, step_id_of

_ASKED: Final = {
    Kind.CONFIRMATION: "StepPaused",
    Kind.USER_INPUT: "StepPaused",
    Kind.OUTPUT_REVIEW: "StepOutputReview",
    Kind.ITERATION_REVIEW: "StepOutputReview",
    Kind.ROUTE_SELECTION: "RouterPaused",
    Kind.ERROR: "StepError",
}


def tell_question(log: EventLog, requirement: Requirement) -> None:
    """Something waits for a decision. agno gives a container no id here."""
    place = log.place(requirement.path)
    log.add_of(
        requirement.path,
        _ASKED[requirement.kind],
        step_id=step_id_of(place),
        text=requirement.error,
        requirement_id=requirement.id,
    )


def tell_answer(log: EventLog, requirement: Requirement, outcome: Outcome) -> None:
    """What waited goes on, or is made anew."""
    if _goes_on(requirement, outcome):
        log.add_of(requirement.path, "StepContinued", step_id=step_id_of(log.place(requirement.path)))


def _goes_on(requirement: Requirement, outcome: Outcome) -> bool:
    match requirement.kind:
        case Kind.CONFIRMATION | Kind.USER_INPUT:
            return isinstance(outcome, Proceed)
        case Kind.OUTPUT_REVIEW:
            # A router that is sent back asks for other routes first.
            return isinstance(outcome, Redo) and requirement.step_type != "Router"
        case Kind.ITERATION_REVIEW | Kind.ERROR:
            return isinstance(outcome, Redo)
        case _:
            return False

"""What is told of a pause: that it waits, and that it goes on.

In agno the first is the last event of a stream, and the second the first one of the next. What is answered by leaving
something out, by another branch or by a route is told by what follows, without an event of its own
(agno/workflow/workflow.py:6925, 9800).
"""

from __future__ import annotations

from typing import Final

from agno_temporal.contract.outputs import Output
from agno_temporal.hitl import Kind, Outcome, Proceed, Redo, Requirement
from agno_temporal.workflows.events import EventLog, step_id_of

_ASKED: Final = {
    Kind.CONFIRMATION: "StepPaused",
    Kind.USER_INPUT: "StepPaused",
    Kind.OUTPUT_REVIEW: "StepOutputReview",
    Kind.ITERATION_REVIEW: "StepOutputReview",
    Kind.ROUTE_SELECTION: "RouterPaused",
    Kind.ERROR: "StepError",
    Kind.EXECUTOR: "StepExecutorPaused",
}


def tell_question(log: EventLog, requirement: Requirement, output: Output | None) -> None:
    """Something waits for a decision. agno gives a container no id here. What an executor asks is in its output."""
    place = log.place(requirement.path)
    log.add_of(
        requirement.path,
        _ASKED[requirement.kind],
        step_id=step_id_of(place),
        output=output if requirement.kind is Kind.EXECUTOR else None,
        text=requirement.error,
        requirement_id=requirement.id,
    )


def tell_answer(log: EventLog, requirement: Requirement, outcome: Outcome) -> None:
    """What waited goes on, or is made anew."""
    if _goes_on(requirement, outcome):
        log.add_of(requirement.path, "StepContinued", step_id=step_id_of(log.place(requirement.path)))


def tell_executor_continued(log: EventLog, requirement: Requirement, activity_id: str) -> None:
    """An agent or a team goes on, in this activity."""
    log.add_of(requirement.path, "StepExecutorContinued", requirement_id=requirement.id, activity_id=activity_id)


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

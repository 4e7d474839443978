"""What each answer does to the step: the decision table.

One pure function, so that a person, a timer and a replay cannot come to different ends. The cells are agno's
(agno/workflow/workflow.py:6690-6790) except where agno runs what was rejected: before execution, a rejection with
``on_reject="retry"`` asks again (docs/differences.md, D60).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from agno_temporal.hitl.decision import Action, Actor, Decision
from agno_temporal.hitl.requirement import Kind, Requirement
from agno_temporal.plan.data import Json

TIMER_ROUNDS = 3
"""How often a timer may reject a step that would be tried again without limit. A person can be asked for ever; a timer
that nobody answers must come to an end."""


@dataclass(frozen=True, slots=True)
class Proceed:
    """The step runs, or its output stands. `values` are for the step; `edited_output` replaces what it produced."""

    values: dict[str, Json] | None = None
    edited_output: Json = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """The step leaves no output, and the run goes on behind it."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """The run ends as CANCELLED with `reason` as its content."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Nothing runs; the same question is asked anew."""

    feedback: str | None


@dataclass(frozen=True, slots=True)
class Redo:
    """The output is dropped and the step runs again, with the feedback and what it produced."""

    feedback: str | None


Outcome: TypeAlias = Proceed | Skip | Cancel | AskAgain | Redo


def outcome_of(requirement: Requirement, decision: Decision) -> Outcome:
    """What an admitted decision does."""
    match decision.action:
        case Action.CONFIRM | Action.INPUT:
            return Proceed(values=decision.values)
        case Action.EDIT:
            return Proceed(edited_output=decision.edited_output, edited=True)
        case Action.SKIP:
            return Skip()
        case Action.CANCEL:
            return _rejected(requirement)
        case Action.REJECT:
            return _after_rejection(requirement, decision)
        case unreachable:
            assert_never(unreachable)


def _after_rejection(requirement: Requirement, decision: Decision) -> Outcome:
    match requirement.policy.on_reject:
        case "skip" | "else":
            return Skip()
        case "retry":
            if (limit := _limit_reached(requirement, decision)) is not None:
                return Cancel(f"Max retries ({limit}) reached for step '{requirement.step_name}'")
            if requirement.kind is Kind.OUTPUT_REVIEW:
                return Redo(decision.feedback)
            return AskAgain(decision.feedback)
        case _:
            return _rejected(requirement)


def _limit_reached(requirement: Requirement, decision: Decision) -> int | None:
    limit = requirement.policy.max_retries
    if limit:
        return limit if requirement.retry_count >= limit else None
    by_timer = decision.decided_by == Actor.TIMER
    return TIMER_ROUNDS if by_timer and requirement.timer_rejections >= TIMER_ROUNDS else None


def _rejected(requirement: Requirement) -> Cancel:
    return Cancel(f"Workflow cancelled: Step '{requirement.step_name}' was rejected")

"""What each answer does to the step: the decision table.

One pure function, so that a person, a timer and a replay cannot come to different ends. The cells are agno's
(agno/workflow/workflow.py:6690-6790) except where agno runs what was rejected: before execution, a rejection with
``on_reject="retry"`` asks again (docs/differences.md, D60).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from agno_temporal.hitl.decision import Action, Actor, Decision
from agno_temporal.hitl.executor import answers_of
from agno_temporal.hitl.requirement import Kind, Requirement
from agno_temporal.hitl.tools import ToolAnswer
from agno_temporal.plan.data import Json

TIMER_ROUNDS = 3
"""How often a timer may reject a step that would be tried again without limit. A person can be asked for ever; a timer
that nobody answers must come to an end."""


@dataclass(frozen=True, slots=True)
class Proceed:
    """The step runs, or its output stands. `values` are for the step; `edited_output` replaces what it produced;
    `selected` are a router's routes, where a human chose them; `answers` are for an executor's tools."""

    values: dict[str, Json] | None = None
    edited_output: Json = None
    edited: bool = False
    selected: tuple[str, ...] | None = None
    answers: dict[str, ToolAnswer] | None = None


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
    """The step runs again: after a review with the feedback and what it produced; a loop with its next iteration, a
    router with other routes."""

    feedback: str | None


@dataclass(frozen=True, slots=True)
class TakeElse:
    """A condition runs its other branch."""


Outcome: TypeAlias = Proceed | Skip | Cancel | AskAgain | Redo | TakeElse


def outcome_of(requirement: Requirement, decision: Decision) -> Outcome:
    """What an admitted decision does."""
    if requirement.kind is Kind.EXECUTOR and (answers := answers_of(requirement, decision)) is not None:
        return Proceed(answers=answers)
    match decision.action:
        case Action.ANSWER:
            return Proceed(answers=decision.answers)
        case Action.CONFIRM | Action.INPUT:
            return Proceed(values=decision.values)
        case Action.EDIT:
            return Proceed(edited_output=decision.edited_output, edited=True)
        case Action.SELECT:
            return Proceed(values=decision.values, selected=decision.selected)
        case Action.RETRY:
            return _again(requirement, decision)
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
        case "else" if requirement.step_type == "Condition":
            return TakeElse()
        case "skip" | "else":
            return Skip()
        case "retry" if requirement.kind is not Kind.EXECUTOR:
            return _again(requirement, decision)
        case _:
            return _rejected(requirement)


def _again(requirement: Requirement, decision: Decision) -> Outcome:
    if (limit := _limit_reached(requirement, decision)) is not None:
        return Cancel(f"Max retries ({limit}) reached for step '{requirement.step_name}'")
    if requirement.kind.is_review or requirement.kind is Kind.ERROR:
        return Redo(decision.feedback)
    return AskAgain(decision.feedback)


def _limit_reached(requirement: Requirement, decision: Decision) -> int | None:
    """`max_retries` is of rejections. Whoever mends a step that failed may try it as often as that takes; only the
    timer's tries are counted."""
    limit = requirement.policy.max_retries
    if limit and requirement.kind is not Kind.ERROR:
        return limit if requirement.retry_count >= limit else None
    by_timer = decision.decided_by == Actor.TIMER
    return TIMER_ROUNDS if by_timer and requirement.timer_rejections >= TIMER_ROUNDS else None


def _rejected(requirement: Requirement) -> Cancel:
    what = "failed" if requirement.kind is Kind.ERROR else "was rejected"
    return Cancel(f"Workflow cancelled: Step '{requirement.step_name}' {what}")

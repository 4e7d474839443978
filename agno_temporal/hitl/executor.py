"""What a decision does to a paused agent or team: the rows of the decision table for tools.

A rejected tool is no rejected step: the model is told, and goes on (agno/agent/_tools.py:961). So a person's answer
always lets the executor go on, and the step's policy counts only where nobody answered and no answer can be given in
their place.
"""

from __future__ import annotations

from dataclasses import replace

from agno_temporal.hitl.decision import Action, Decision
from agno_temporal.hitl.requirement import Requirement
from agno_temporal.hitl.rules import Rules
from agno_temporal.hitl.tools import (
    NOBODY_ANSWERED,
    Fault,
    ToolAnswer,
    ToolKind,
    all_confirmations,
    answer_faults,
    approved_by_nobody,
    confirmed_all,
    given_to,
    rejected_all,
)


def answers_of(requirement: Requirement, decision: Decision) -> dict[str, ToolAnswer] | None:
    """What each tool is answered, forms as they are given to the tool; None where the decision answers none of them."""
    match decision.action:
        case Action.ANSWER:
            asked = {one.id: one for one in requirement.tools if one.kind is ToolKind.USER_INPUT}
            return {
                call: replace(one, values=given_to(asked[call], one)) if call in asked else one
                for call, one in (decision.answers or {}).items()
            }
        case Action.CONFIRM if all_confirmations(requirement.tools):
            return confirmed_all(requirement.tools)
        case Action.REJECT if all_confirmations(requirement.tools):
            return rejected_all(requirement.tools, decision.feedback)
    return None


def tool_faults(requirement: Requirement, decision: Decision, rules: Rules = Rules.NOW) -> tuple[Fault, ...]:
    """What is wrong with the answers in a decision."""
    if decision.action is Action.ANSWER:
        return answer_faults(requirement.tools, decision.answers or {}, rules)
    return () if decision.answers is None else (("answers", "answers: only taken by answer"),)


def timer_answer(requirement: Requirement, action: Action) -> tuple[Action, dict[str, ToolAnswer] | None, str | None]:
    """The timer's action on tools, with its answers and its note. What it cannot answer for anybody, it does not
    approve."""
    match action:
        case Action.CONFIRM:
            answers = approved_by_nobody(requirement.tools)
            return (Action.CANCEL, None, None) if answers is None else (Action.ANSWER, answers, None)
        case Action.REJECT:
            return Action.REJECT, None, NOBODY_ANSWERED
    return action, None, None

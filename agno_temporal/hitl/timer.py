"""What the timer answers when nobody did: `on_timeout` as a decision like any other.

Going through the same table as a person's answer is what makes ``on_timeout="reject"`` honour ``on_reject``, retries
included, which agno documents and does not do (docs/differences.md).
"""

from __future__ import annotations

from agno_temporal.hitl.decision import Action, Actor, Decision
from agno_temporal.hitl.executor import timer_answer
from agno_temporal.hitl.requirement import Kind, Requirement
from agno_temporal.hitl.user_input import complete_input

_ACTIONS = {"approve": Action.CONFIRM, "reject": Action.REJECT, "skip": Action.SKIP}


def timer_decision(requirement: Requirement) -> Decision:
    """The decision of `system:timer`.

    An approval fills a form with its defaults, and leaves the choice of a route to the router's selector; that they
    suffice was checked when the workflow was registered. What approves a step that failed lets it try again.
    """
    action = _ACTIONS.get(requirement.policy.on_timeout, Action.CANCEL)
    if requirement.kind is Kind.EXECUTOR:
        action, answers, note = timer_answer(requirement, action)
        return Decision(requirement.id, action, note, decided_by=Actor.TIMER.value, answers=answers)
    values = None
    if action is Action.CONFIRM and requirement.kind is Kind.ERROR:
        action = Action.RETRY
    if action is Action.CONFIRM and requirement.form is not None:
        values = complete_input(requirement.form)
        if values is None:
            action = Action.CANCEL
        elif requirement.kind is Kind.USER_INPUT:
            action = Action.INPUT
    if action is Action.CONFIRM and requirement.kind is Kind.ROUTE_SELECTION:
        action = Action.SELECT
    return Decision(requirement.id, action, values=values, decided_by=Actor.TIMER.value)

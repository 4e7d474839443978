"""The ledger of a run's requirements: one decision each, and every other one is told who won.

Many people may click at once, a click may arrive twice, or for an iteration that is over, or after the deadline while
the workers were down. So all of it is decided in one place, from the server's clock alone: `judge` says what a
decision would do and changes nothing (an update's validator may not), `record` closes the requirement.

At or after the deadline `judge` refuses as expired. Whether a signal was written in time is not for this clock to say:
the caller collects such signals and asks the history (docs/design.md, "The deadline").
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from agno_temporal.hitl.decision import Action, Decision, Refusal, RefusalCode, Resolution
from agno_temporal.hitl.executor import tool_faults
from agno_temporal.hitl.forgotten import Forgotten
from agno_temporal.hitl.requirement import Kind, Requirement
from agno_temporal.hitl.rules import Rules
from agno_temporal.hitl.tools import Fault, all_confirmations
from agno_temporal.hitl.user_input import input_errors

ALLOWED: dict[Kind, tuple[Action, ...]] = {
    Kind.CONFIRMATION: (Action.CONFIRM, Action.REJECT),
    Kind.USER_INPUT: (Action.INPUT, Action.REJECT),
    Kind.OUTPUT_REVIEW: (Action.CONFIRM, Action.REJECT, Action.EDIT),
    Kind.ITERATION_REVIEW: (Action.CONFIRM, Action.REJECT, Action.EDIT),
    Kind.ROUTE_SELECTION: (Action.SELECT, Action.REJECT),
    Kind.ERROR: (Action.RETRY, Action.SKIP),
    Kind.EXECUTOR: (Action.ANSWER, Action.CONFIRM, Action.REJECT),
}
"""The answers that each kind of requirement takes."""

FILLED_IN = (Action.CONFIRM, Action.INPUT, Action.SELECT)
"""The answers that a form is filled in with."""


def allowed_actions(requirement: Requirement) -> tuple[Action, ...]:
    """The answers that this one takes: a plain yes or no answers tools only where each of them asks for just that."""
    if requirement.kind is Kind.EXECUTOR and not all_confirmations(requirement.tools):
        return (Action.ANSWER,)
    return ALLOWED[requirement.kind]


MAX_EDITED_BYTES = 1_000_000
"""As JSON, for all edited outputs of a run together. They are in its result, which is one payload, and of which nothing
that a person wrote can be left out."""


class Ledger:
    """Requirements by id, in the order in which they opened; and those that are in it no longer.

    Attributes:
        edited: Bytes of all edited outputs so far, as JSON.
    """

    def __init__(self, forgotten: Forgotten | None = None) -> None:
        self.forgotten = forgotten or Forgotten()
        self.edited = 0
        self._requirements: dict[str, Requirement] = {}
        self._resolutions: dict[str, Resolution] = {}

    def open(self, requirement: Requirement) -> None:
        self._requirements[requirement.id] = requirement

    def record(self, resolution: Resolution) -> None:
        """Close a requirement. The first resolution stands.

        Raises:
            KeyError: It has not opened: nothing approves a later pause.
        """
        requirement = self._requirements[resolution.decision.requirement_id]
        if requirement.id not in self._resolutions:
            self._resolutions[requirement.id] = resolution
            self.edited += _edited(resolution.decision)

    def has_no_room(self, decision: Decision) -> Refusal | None:
        """Why the run cannot keep what the decision puts in an output's place, beside all that was put there before."""
        size = _edited(decision)
        if not size or decision.requirement_id in self._resolutions or self.edited + size <= MAX_EDITED_BYTES:
            return None
        return Refusal(
            RefusalCode.MALFORMED,
            f"The edited outputs of a run have at most {MAX_EDITED_BYTES} bytes together as JSON. This one has {size}, "
            f"those before it {self.edited}. Confirm or reject, or let a step read the edit from elsewhere.",
        )

    def resolution(self, requirement_id: str) -> Resolution | None:
        return self._resolutions.get(requirement_id)

    def requirement(self, requirement_id: str) -> Requirement | None:
        return self._requirements.get(requirement_id)

    def opened(self) -> Iterator[Requirement]:
        """What still waits."""
        return (one for one in self._requirements.values() if one.id not in self._resolutions)

    def all(self) -> Iterator[tuple[Requirement, Resolution | None]]:
        return ((one, self._resolutions.get(one.id)) for one in self._requirements.values())

    def judge(self, decision: Decision, now: float, rules: Rules = Rules.NOW) -> Resolution | Refusal:
        """What a decision would do at `now` (seconds since the epoch, the server's clock).

        Returns:
            The resolution to record; the recorded one where this very decision was taken before; or the refusal.
        """
        requirement = self._requirements.get(decision.requirement_id)
        if requirement is None:
            return self._unknown(decision.requirement_id)
        winner = self._resolutions.get(requirement.id)
        if winner is not None:
            return self._closed(requirement, winner, decision)
        if requirement.deadline is not None and now >= requirement.deadline:
            return Refusal(
                RefusalCode.EXPIRED,
                f"The deadline of step '{requirement.step_name}' has passed: on_timeout="
                f"{requirement.policy.on_timeout!r} applies.",
                deadline=requirement.deadline,
            )
        return _content_refusal(requirement, decision, rules) or Resolution(decision, now)

    def _unknown(self, requirement_id: str) -> Refusal:
        if (path := self.forgotten.path_of(requirement_id)) is not None:
            return Refusal(
                RefusalCode.ALREADY_DECIDED,
                f"What the step at '{path}' asked there was decided before, so long ago that the run has forgotten by "
                "whom: the question's row in the database says it. This decision changes nothing.",
            )
        return Refusal(
            RefusalCode.NOT_FOUND,
            f"This run has no requirement {requirement_id[:80]!r}. List what it waits for, and decide that.",
        )

    def _closed(self, requirement: Requirement, winner: Resolution, decision: Decision) -> Resolution | Refusal:
        if _same_key(decision, winner.decision):
            if decision.same_answer(winner.decision):
                return winner
            return Refusal(
                RefusalCode.KEY_REUSED,
                f"The decision id {decision.decision_id!r} was used for another answer. Use a new one.",
                winner,
            )
        again = (one for one in self.opened() if (one.path, one.kind) == (requirement.path, requirement.kind))
        successor = next(again, None)
        if successor is not None:
            return Refusal(
                RefusalCode.STALE,
                f"Step '{requirement.step_name}' asks anew: this requirement is of an earlier iteration or attempt.",
                winner,
                open_requirement=successor.id,
            )
        return Refusal(
            RefusalCode.ALREADY_DECIDED,
            f"Step '{requirement.step_name}' was decided before: {winner.decision.action.value} by "
            f"{winner.decision.decided_by or 'an unnamed caller'}. This decision changes nothing.",
            winner,
        )


def _edited(decision: Decision) -> int:
    return 0 if decision.edited_output is None else len(json.dumps(decision.edited_output))


def _content_refusal(requirement: Requirement, decision: Decision, rules: Rules) -> Refusal | None:
    """Why an open requirement does not take what is in the decision."""
    allowed = allowed_actions(requirement)
    if decision.action not in allowed:
        return Refusal(
            RefusalCode.ACTION_NOT_ALLOWED,
            f"Step '{requirement.step_name}' waits for {requirement.kind.value}, which takes "
            f"{', '.join(action.value for action in allowed)}, not {decision.action.value}.",
            allowed=tuple(action.value for action in allowed),
        )
    if wrong := _wrong_fields(requirement, decision, rules):
        errors = tuple(fault for _, fault in wrong)
        return Refusal(
            RefusalCode.INVALID_INPUT,
            f"Step '{requirement.step_name}': " + "; ".join(errors) + ".",
            errors=errors,
            fields=tuple(name for name, _ in wrong),
        )
    if faults := _wrong_selection(requirement, decision):
        choices = ", ".join(map(repr, requirement.choices or ()))
        text = f"Router '{requirement.step_name}': {'; '.join(faults)}. The choices are {choices}."
        return Refusal(RefusalCode.INVALID_SELECTION, text, errors=faults, choices=requirement.choices or ())
    return None


def _same_key(one: Decision, other: Decision) -> bool:
    """An idempotency key is its principal's own."""
    return bool(one.decision_id) and (one.decision_id, one.decided_by) == (other.decision_id, other.decided_by)


def _wrong_fields(requirement: Requirement, decision: Decision, rules: Rules) -> list[Fault]:
    wrong: list[Fault] = []
    form = requirement.form
    if form is not None and decision.action in FILLED_IN:
        wrong += [(error.name, str(error)) for error in input_errors(form, decision.values or {}, rules)]
    elif decision.values is not None:
        wrong.append(("values", f"values: not taken by {decision.action.value} here"))
    if decision.edited_output is not None and decision.action is not Action.EDIT:
        wrong.append(("edited_output", "edited_output: only taken by edit"))
    if decision.edited_output is None and decision.action is Action.EDIT:
        wrong.append(("edited_output", "edited_output: is required"))
    if decision.selected is not None and decision.action is not Action.SELECT:
        wrong.append(("selected", "selected: only taken by select"))
    wrong += tool_faults(requirement, decision, rules)
    return wrong


def _wrong_selection(requirement: Requirement, decision: Decision) -> tuple[str, ...]:
    """agno takes any names, warns of those that it does not know, and goes on with the others
    (agno/workflow/router.py:443)."""
    if decision.action is not Action.SELECT:
        return ()
    selected = decision.selected or ()
    wrong = [f"{name[:80]!r} is not a choice" for name in selected if name not in (requirement.choices or ())]
    if not selected:
        wrong.append("at least one route is needed")
    if len(selected) > 1 and not requirement.allow_multiple_selections:
        wrong.append(f"one route is taken, not {len(selected)}")
    return tuple(wrong)

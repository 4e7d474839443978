"""A run of questions by the real rules: the ledger, the decision table, the timer's answers, the count of rejections.

What is left to do here is what the workflow does around them, in the simplest way that there is: suspects are kept
until it is known when they were written, and it is asked again where an answer says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from agno_temporal.contract.manifest import Asked
from agno_temporal.hitl import (
    Action,
    Actor,
    AskAgain,
    Cancel,
    Decision,
    Kind,
    Ledger,
    Policy,
    Proceed,
    Redo,
    Refusal,
    RefusalCode,
    Requirement,
    Resolution,
    Skip,
    TakeElse,
    decision_from_json,
    outcome_of,
    timer_decision,
)
from agno_temporal.plan import InputField
from agno_temporal.plan.data import from_json, to_json
from agno_temporal.workflows.questions import NO_REJECTIONS, Rejections
from tests.hitl.questions import ELSEWHERE, REGION
from tests.hitl.tool_questions import confirmation
from tests.model.reference import Rules, Said

ROUTES = {"choices": ("blue", "green")}
KINDS: dict[str, tuple[Kind, dict[str, Any]]] = {
    "confirmation": (Kind.CONFIRMATION, {}),
    "condition": (Kind.CONFIRMATION, {"step_type": "Condition"}),
    "confirmation with a form": (Kind.CONFIRMATION, {"schema": (REGION,)}),
    "form": (Kind.USER_INPUT, {"schema": (REGION,)}),
    "form with a default": (Kind.USER_INPUT, {"schema": (InputField("region", value="eu", allowed_values=("eu",)),)}),
    "output review": (Kind.OUTPUT_REVIEW, {}),
    "iteration review": (Kind.ITERATION_REVIEW, {}),
    "route": (Kind.ROUTE_SELECTION, ROUTES),
    "routes": (Kind.ROUTE_SELECTION, {**ROUTES, "allow_multiple_selections": True}),
    "failure": (Kind.ERROR, {}),
    "tool": (Kind.EXECUTOR, {"tools": (confirmation(),)}),
    "tool elsewhere": (Kind.EXECUTOR, {"tools": (ELSEWHERE,)}),
}

CONTENTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "region": {"values": {"region": "eu"}},
    "moon": {"values": {"region": "moon"}},
    "text": {"edited_output": "better"},
    "blue": {"selected": ["blue"]},
    "blue and green": {"selected": ["blue", "green"]},
    "red": {"selected": ["red"]},
    "yes to the tool": {"answers": {"c1": {"confirmed": True}}},
    "a result": {"answers": {"x1": {"result": "done"}}},
}


def decision_of(said: Said) -> Decision:
    """As a client's JSON becomes one."""
    data = {
        "requirement_id": said.question,
        "action": said.action,
        "decided_by": said.by,
        "decision_id": said.key,
        **CONTENTS[said.content],
    }
    decision = decision_from_json({name: value for name, value in data.items() if value is not None})
    assert isinstance(decision, Decision), decision
    return decision


@dataclass
class Ruled:
    """Like `Reference`, but by the rules of the product."""

    name: Callable[[int, int], str]
    now: float = 0.0
    up: bool = True
    ended: bool = False
    cancel_asked: bool = False
    ledger: Ledger = field(default_factory=Ledger)
    rejections: dict[str, Rejections] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    unseen: list[tuple[Decision, float, bool]] = field(default_factory=list)
    answers: list[tuple[Decision, Resolution | Refusal]] = field(default_factory=list)
    lost_signals: int = 0

    def ask(self, place: int, rules: Rules, rejections: Rejections = NO_REJECTIONS) -> None:
        kind, shape = KINDS[rules.kind]
        number = 1 + sum(one.path == str(place) for one, _ in self.ledger.all())
        asked = Requirement(
            id=self.name(place, number),
            path=str(place),
            step_name=f"step {place}",
            step_index=0,
            step_type="Step",
            kind=kind,
            occurrence=number,
            opened_at=self.now,
        )
        self._open(replace(asked, policy=_policy(rules), **shape), rejections)

    def _open(self, requirement: Requirement, rejections: Rejections) -> None:
        timeout = requirement.policy.timeout
        self.rejections[requirement.id] = rejections
        self.ledger.open(
            replace(
                requirement,
                opened_at=self.now,
                deadline=None if timeout is None else self.now + timeout,
                retry_count=rejections.count,
                timer_rejections=rejections.by_timer,
                feedback=rejections.feedback,
            )
        )

    def carry(self) -> None:
        """The run goes on in another Temporal run: what is carried is JSON."""
        carried = json.dumps([to_json(Asked(one, None, None, resolution)) for one, resolution in self.ledger.all()])
        self.ledger = Ledger()
        for asked in json.loads(carried):
            restored = from_json(Asked, asked)
            self.ledger.open(restored.requirement)
            if restored.resolution is not None:
                self.ledger.record(restored.resolution)

    def send(self, said: Said, signal: bool) -> None:
        self.unseen.append((decision_of(said), self.now, signal))
        self.work()

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.up and (due := [one.deadline for one in self.ledger.opened() if _is_due(one, until)]):
            self.now = min(filter(None, due))
            self.work()
        self.now = until

    def work(self) -> None:
        if not self.up:
            return
        suspects: list[tuple[Decision, float]] = []
        for decision, written, signal in sorted(self.unseen, key=lambda one: not one[2]):
            verdict = self.ledger.judge(decision, self.now)
            if signal and isinstance(verdict, Refusal) and verdict.code is RefusalCode.EXPIRED:
                suspects.append((decision, written))
            else:
                self._heard(decision, verdict, signal)
        self.unseen = []
        for decision, written in suspects:
            self._heard(decision, self.ledger.judge(decision, written), True)
        if self.cancel_asked:
            self._end()
        for requirement in list(self.ledger.opened()):
            if _is_due(requirement, self.now):
                self.ledger.record(Resolution(timer_decision(requirement), self.now))
        self._go_on()

    def _heard(self, decision: Decision, verdict: Resolution | Refusal, signal: bool) -> None:
        if isinstance(verdict, Resolution):
            self.ledger.record(verdict)
        if signal:
            self.lost_signals += isinstance(verdict, Refusal)
        else:
            self.answers.append((decision, verdict))

    def _go_on(self) -> None:
        again = []
        for requirement, resolution in self.ledger.all():
            if resolution is None or requirement.id in self.outcomes:
                continue
            match outcome_of(requirement, resolution.decision):
                case Proceed():
                    self.outcomes[requirement.id] = "go on"
                case Skip():
                    self.outcomes[requirement.id] = "skip"
                case TakeElse():
                    self.outcomes[requirement.id] = "else branch"
                case Cancel():
                    self.outcomes[requirement.id] = "end"
                case AskAgain(feedback) | Redo(feedback):
                    by_timer = resolution.decision.decided_by == Actor.TIMER
                    again.append((requirement, self.rejections[requirement.id].plus(feedback, by_timer)))
        if "end" in self.outcomes.values():
            self._end()
        for requirement, rejections in again:
            self.outcomes[requirement.id] = "again" if self.ended else "asked again"
            if not self.ended:
                number = requirement.occurrence + 1
                name = self.name(int(requirement.path), number)
                self._open(replace(requirement, id=name, occurrence=number), rejections)

    def _end(self) -> None:
        self.ended = True
        for requirement in list(self.ledger.opened()):
            cancelled = Decision(requirement.id, Action.CANCEL, decided_by=Actor.CANCEL.value)
            self.ledger.record(Resolution(cancelled, self.now))
            self.outcomes[requirement.id] = "end"


def _policy(rules: Rules) -> Policy:
    return Policy(rules.on_reject, rules.on_timeout, rules.max_retries, rules.timeout)


def _is_due(requirement: Requirement, now: float) -> bool:
    return requirement.deadline is not None and requirement.deadline <= now

"""Every order of opening, deciding, repeating and expiring against a dictionary: one resolution for each question.

The single cases stand in test_ledger.py. What they cannot show is that no sequence of them, over several questions of
several steps, closes one twice, forgets one, or lets a refused decision leave a trace.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from agno_temporal.hitl import Action, Decision, Kind, Ledger, Policy, Refusal, RefusalCode, Resolution, timer_decision
from tests.hitl.questions import ANA, BEN, OPENED, answer, question

CODES_WITH_A_WINNER = {RefusalCode.ALREADY_DECIDED, RefusalCode.STALE, RefusalCode.KEY_REUSED}
FITTING = {
    Kind.CONFIRMATION: {(Action.CONFIRM, False), (Action.REJECT, False)},
    Kind.USER_INPUT: {(Action.INPUT, True), (Action.REJECT, False)},
    Kind.OUTPUT_REVIEW: {(Action.CONFIRM, False), (Action.REJECT, False), (Action.EDIT, False)},
}
"""What each kind takes: an action, and whether it carries values."""


class Run(RuleBasedStateMachine):
    """A run that asks, people that decide, and a clock that goes on."""

    ids = Bundle("ids")
    decisions = Bundle("decisions")

    @initialize()
    def start(self) -> None:
        self.ledger = Ledger()
        self.now = OPENED
        self.winners: dict[str, Resolution] = {}
        self.asked: list[str] = []

    @rule(
        target=ids,
        path=st.sampled_from("012"),
        kind=st.sampled_from([*FITTING]),
        seconds=st.none() | st.integers(1, 20),
    )
    def ask(self, path: str, kind: Kind, seconds: int | None) -> str:
        name = f"q{len(self.asked)}"
        deadline = None if seconds is None else self.now + seconds
        schema = () if kind is Kind.USER_INPUT else None
        self.ledger.open(question(kind, id=name, path=path, deadline=deadline, schema=schema, policy=Policy("skip")))
        self.asked.append(name)
        return name

    @rule(
        target=decisions,
        name=ids | st.just("nobody asked this"),
        action=st.sampled_from(Action),
        by=st.sampled_from([ANA, BEN]),
        key=st.sampled_from([None, "k1", "k2"]),
        values=st.sampled_from([None, {"region": "eu"}]),
    )
    def write(self, name: str, action: Action, by: str, key: str | None, values: dict[str, str] | None) -> Decision:
        edited = "better" if action is Action.EDIT else None
        return answer(action, requirement_id=name, decided_by=by, decision_id=key, values=values, edited_output=edited)

    @rule(decision=decisions)
    def send(self, decision: Decision) -> None:
        verdict = self.ledger.judge(decision, self.now)
        winner = self.winners.get(decision.requirement_id)
        requirement = self.ledger.requirement(decision.requirement_id)
        if requirement is None:
            assert isinstance(verdict, Refusal)
            assert verdict.code is RefusalCode.NOT_FOUND
        elif winner is not None:
            repeated = decision == winner.decision and decision.decision_id is not None
            assert verdict == winner if repeated else isinstance(verdict, Refusal)
            assert repeated or (verdict.code in CODES_WITH_A_WINNER and verdict.winner == winner)
        elif (decision.action, decision.values is not None) in FITTING[requirement.kind]:
            assert verdict == Resolution(decision, self.now)
            self.ledger.record(verdict)
            self.winners[decision.requirement_id] = verdict
        else:
            assert isinstance(verdict, Refusal)
            assert verdict.code in (RefusalCode.ACTION_NOT_ALLOWED, RefusalCode.INVALID_INPUT)

    @rule(seconds=st.integers(1, 10))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        for requirement in list(self.ledger.opened()):
            if requirement.deadline is not None and requirement.deadline <= self.now:
                expired = self.ledger.judge(answer(requirement_id=requirement.id), self.now)
                assert isinstance(expired, Refusal)
                assert expired.code is RefusalCode.EXPIRED
                self.fire(requirement.id)

    @rule(target=ids, name=ids)
    def fire(self, name: str) -> object:
        """The timer's decision, and be it after somebody else's: recording it again must change nothing."""
        requirement = self.ledger.requirement(name)
        assert requirement is not None
        resolution = Resolution(timer_decision(requirement), self.now)
        self.ledger.record(resolution)
        self.winners.setdefault(name, resolution)
        return multiple()

    @invariant()
    def every_question_has_the_resolution_that_came_first(self) -> None:
        listed = {requirement.id: resolution for requirement, resolution in self.ledger.all()}
        assert listed == {name: self.winners.get(name) for name in self.asked}

    @invariant()
    def what_has_no_resolution_waits(self) -> None:
        assert [one.id for one in self.ledger.opened()] == [name for name in self.asked if name not in self.winners]


TestLedger = Run.TestCase
TestLedger.settings = settings(deadline=None, max_examples=150, stateful_step_count=30)

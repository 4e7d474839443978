"""What a pause and a decision are, in one short page: the reference that the rules are measured against.

It is written from docs/design.md and the table of what every decision is answered, not from the code, and shares
nothing with it but names. So it is naive: one list of questions, one list of what no worker has seen yet, and one pass
over both whenever a worker is up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

TIMER, CANCEL = "system:timer", "system:cancel"
TAKEN = "taken"

PLAIN = {"nothing"}
FILLED_IN = {"region"}
TAKES: dict[str, dict[str, set[str]]] = {
    "confirmation": {"confirm": PLAIN, "reject": PLAIN},
    "condition": {"confirm": PLAIN, "reject": PLAIN},
    "confirmation with a form": {"confirm": FILLED_IN, "reject": PLAIN},
    "form": {"input": FILLED_IN, "reject": PLAIN},
    "form with a default": {"input": FILLED_IN, "reject": PLAIN},
    "output review": {"confirm": PLAIN, "reject": PLAIN, "edit": {"text"}},
    "iteration review": {"confirm": PLAIN, "reject": PLAIN, "edit": {"text"}},
    "route": {"select": {"blue"}, "reject": PLAIN},
    "routes": {"select": {"blue", "blue and green"}, "reject": PLAIN},
    "failure": {"retry": PLAIN, "skip": PLAIN},
    "tool": {"answer": {"yes to the tool"}, "confirm": PLAIN, "reject": PLAIN},
    "tool elsewhere": {"answer": {"a result"}},
}
"""What each kind of question takes: by action, what may be in the decision."""

ROUTES = {"blue", "blue and green", "red"}


@dataclass(frozen=True)
class Rules:
    """What the author of a workflow wrote at a gate."""

    kind: str
    timeout: float | None = None
    on_timeout: str = "cancel"
    on_reject: str = "skip"
    max_retries: int | None = None


@dataclass(frozen=True)
class Said:
    """What somebody sends: to which question, and what."""

    question: str
    action: str
    content: str = "nothing"
    by: str | None = None
    key: str | None = None


@dataclass
class Question:
    id: str
    place: int
    rules: Rules
    deadline: float | None
    rejections: int = 0
    timer_rejections: int = 0
    winner: Said | None = None
    then: str = ""


@dataclass
class Reference:
    """A run: its questions, who answered them, and what no worker has seen yet."""

    name: Callable[[int, int], str]
    """The id of a place's n-th question."""
    now: float = 0.0
    up: bool = True
    ended: bool = False
    cancel_asked: bool = False
    questions: dict[str, Question] = field(default_factory=dict)
    unseen: list[tuple[Said, float, bool]] = field(default_factory=list)
    answers: list[tuple[Said, str]] = field(default_factory=list)
    """What each update was answered, in the order in which they were."""
    lost_signals: int = 0
    """Signals that changed nothing: each is recorded as refused."""

    def ask(self, place: int, rules: Rules, rejections: int = 0, timer_rejections: int = 0) -> Question:
        """A deadline counts from the moment at which its question opens."""
        number = 1 + sum(one.place == place for one in self.questions.values())
        deadline = None if rules.timeout is None else self.now + rules.timeout
        question = Question(self.name(place, number), place, rules, deadline, rejections, timer_rejections)
        self.questions[question.id] = question
        return question

    def open(self) -> list[Question]:
        return [one for one in self.questions.values() if one.winner is None]

    def send(self, said: Said, signal: bool) -> None:
        self.unseen.append((said, self.now, signal))
        self.work()

    def wait(self, seconds: float) -> None:
        """Time passes. A worker that is up does at each deadline what it asks for."""
        until = self.now + seconds
        while self.up and (due := [one.deadline for one in self.open() if one.deadline and one.deadline <= until]):
            self.now = min(due)
            self.work()
        self.now = until

    def work(self) -> None:
        """What a worker does once it is up: it hears what was sent, and then looks at the clock. What was recorded
        comes first, in that order: an update is so only once a worker has taken it."""
        if not self.up:
            return
        suspects = []
        for said, written, signal in sorted(self.unseen, key=lambda one: not one[2]):
            verdict = self.verdict(said, self.now)
            if signal and verdict == "expired":
                suspects.append((said, written))
            else:
                self._heard(said, verdict, signal)
        self.unseen = []
        for said, written in suspects:  # The server's clock says which of them were in time.
            self._heard(said, self.verdict(said, written), signal=True)
        if self.cancel_asked:
            self._end()
        for one in self.open():
            if one.deadline is not None and self.now >= one.deadline:
                one.winner = self.of_the_timer(one)
        self._go_on()

    def verdict(self, said: Said, at: float) -> str:
        """What a decision is answered: that it is taken, or why not. The first reason counts."""
        question = self.questions.get(said.question)
        if question is None:
            return "requirement-not-found"
        if (winner := question.winner) is not None:
            if said.key is not None and (said.key, said.by) == (winner.key, winner.by):
                return TAKEN if said == winner else "idempotency-key-reused"
            again = any(one.place == question.place for one in self.open())
            return "stale-requirement" if again else "already-decided"
        if question.deadline is not None and at >= question.deadline:
            return "expired"
        takes = TAKES[question.rules.kind]
        if said.action not in takes:
            return "action-not-allowed"
        if said.content in takes[said.action]:
            return TAKEN
        return "invalid-selection" if said.action == "select" and said.content in {*ROUTES, *PLAIN} else "invalid-input"

    def _heard(self, said: Said, verdict: str, signal: bool) -> None:
        if verdict == TAKEN:
            question = self.questions[said.question]
            question.winner = question.winner or said
        if signal:
            self.lost_signals += verdict != TAKEN
        else:
            self.answers.append((said, verdict))

    def of_the_timer(self, question: Question) -> Said:
        """`on_timeout` as a decision. What the timer cannot answer for anybody, it does not approve."""
        kind, action = question.rules.kind, question.rules.on_timeout
        if action == "approve":
            action = {
                "form": "cancel",
                "confirmation with a form": "cancel",
                "form with a default": "input",
                "route": "select",
                "routes": "select",
                "failure": "retry",
                "tool": "answer",
                "tool elsewhere": "cancel",
            }.get(kind, "confirm")
        return Said(question.id, action, by=TIMER)

    def outcome(self, question: Question, winner: Said) -> str:
        """What the answer does: the step goes on, is left out or asked again, or the run ends."""
        match winner.action:
            case "skip":
                return "skip"
            case "cancel":
                return "end"
            case "retry":
                return self._again(question, winner)
            case "reject" if question.rules.kind == "tool":
                return "go on"  # The model is told, and goes on.
            case "reject":
                on_reject = question.rules.on_reject
                if on_reject == "retry":
                    return "end" if question.rules.kind == "tool elsewhere" else self._again(question, winner)
                if on_reject == "else":
                    return "else branch" if question.rules.kind == "condition" else "skip"
                return "end" if on_reject == "cancel" else "skip"
        return "go on"

    def _again(self, question: Question, winner: Said) -> str:
        """A limit counts all rejections. Without one, and of a failure always, only the timer's rounds are bounded."""
        limit = question.rules.max_retries
        if limit and question.rules.kind != "failure":
            return "end" if question.rejections >= limit else "again"
        return "end" if winner.by == TIMER and question.timer_rejections >= 3 else "again"

    def _go_on(self) -> None:
        """What was decided has its effect, once. Who ends the run closes what else is open."""
        for one in list(self.questions.values()):
            if one.winner is None or one.then:
                continue
            one.then = "end" if one.winner.by == CANCEL else self.outcome(one, one.winner)
        if any(one.then == "end" for one in self.questions.values()):
            self._end()
        for one in list(self.questions.values()):
            if one.then == "again" and not self.ended:
                one.then = "asked again"
                by_timer = one.winner is not None and one.winner.by == TIMER
                self.ask(one.place, one.rules, one.rejections + 1, one.timer_rejections + by_timer)

    def _end(self) -> None:
        self.ended = True
        for one in self.open():
            one.winner, one.then = Said(one.id, "cancel", by=CANCEL), "end"

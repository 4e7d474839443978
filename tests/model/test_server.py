"""The same reference against real runs on a real server, whose time is skipped.

What the rules alone cannot show is here: that the server's clock is asked and no other, that a worker which comes back
late tells what was in time from what was not, that people who decide at once get one winner, and that each of these
histories replays. That a run goes on in a new Temporal run changes nothing that the reference knows, while people
decide as well as while no worker is up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from temporalio.client import Client

from agno_temporal.connect.loops import LoopThread
from tests.figures import Figures
from tests.model.drawing import decision, rules
from tests.model.histories import at_rest, gone_on, newest
from tests.model.reference import CANCEL, TAKEN, TIMER, Reference, Rules, Said
from tests.model.ruled import CONTENTS
from tests.model.served import ASKS, CLOSED, Served
from tests.running.outage import MARGIN
from tests.running.tools import HOUR

RULES = rules(st.sampled_from([None, HOUR, HOUR, 2 * HOUR, 5 * HOUR]), tuple(ASKS)).filter(
    lambda one: one.on_timeout != "approve" or one.kind not in ("form", "confirmation with a form")
)
ACTIONS = ("confirm", "reject", "input", "edit", "select", "retry", "skip", "answer")
APART = 120.0
"""The reference's clock and the run's drift by seconds, so that no event is so near to a deadline."""

AT_ONCE = 3
"""Events after which a run goes on in a new Temporal run: a signal, and the workflow task that hears it."""


class Orders(RuleBasedStateMachine):
    """One run on the server, and the same run by the reference."""

    tried: ClassVar[Counter[str]] = Counter()
    client: ClassVar[Client]
    loop: ClassVar[LoopThread]

    @initialize(
        places=st.lists(RULES, min_size=1, max_size=3), continue_after=st.sampled_from([AT_ONCE, AT_ONCE, 12, 0])
    )
    def start(self, places: list[Rules], continue_after: int) -> None:
        self.tried["interleavings on the server"] += 1
        self.run = Served(self.client, places, continue_after)
        self.reference = Reference(lambda place, number: f"{place}?{number}")
        for place, one in enumerate(places):
            self.reference.ask(place, one)
        self.said: list[Said] = []
        self._do(self.run.start(self.reference))

    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        said = self._drawn(data)
        expected = self._acceptable(said, self._expected(said))
        answer = self._do(self.run.update(said))
        assert answer in expected, said
        self._agree()

    @rule(data=st.data(), people=st.integers(2, 4))
    @precondition(lambda self: self.reference.open())
    def several_decide_at_once(self, data: st.DataObject, people: int) -> None:
        self._several(self._drawn_of_one(data, people), self.run.several)

    @rule(data=st.data(), people=st.integers(0, 4))
    @precondition(lambda self: self.reference.open() and self.run.continue_after == AT_ONCE)
    def continue_as_new(self, data: st.DataObject, people: int) -> None:
        """What changes nothing is heard, so that the run goes on in a new Temporal run, while people decide."""
        self._do(at_rest(self.client, self.run.run_id))  # What comes before it has begun does not make it go on.
        noise = Said("nobody asked this", "confirm")
        self.reference.send(noise, signal=True)
        before = self._do(newest(self.client, self.run.run_id))

        async def meanwhile(said: list[Said]) -> list[str]:
            await self.run.signal(noise)
            return await self.run.several(said)

        self._several(self._drawn_of_one(data, people), meanwhile)
        if self.reference.open():
            self._do(gone_on(self.client, self.run.run_id, before))

    def _several(self, said: list[Said], decide: Callable[[list[Said]], Coroutine[Any, Any, list[str]]]) -> None:
        """Whoever wins, the reference is told so first; the others were judged before that or after it."""
        before = [self.reference.verdict(one, self.reference.now) for one in said]
        answers = self._do(decide(said))
        taken = [one for one, answer in zip(said, answers, strict=True) if answer == TAKEN]
        assert len(set(taken)) == (1 if TAKEN in before else 0), (said, answers)
        for one in taken[:1]:
            self._expected(one)
        for one, first, answer in zip(said, before, answers, strict=True):
            told = {first, self._expected(one), "already-decided", CLOSED}
            assert answer in told, (said, answers)
        self._agree()

    @rule(data=st.data())
    @precondition(lambda self: self.reference.open())
    def signal(self, data: st.DataObject) -> None:
        said = self._drawn(data)
        self._do(self.run.signal(said))
        self.reference.send(said, signal=True)
        self._agree()

    @rule(hours=st.sampled_from([0.3, 0.6, 1.3, 2.6]))
    @precondition(lambda self: self.reference.open())
    def wait(self, hours: float) -> None:
        seconds = hours * HOUR
        while any(abs(self.reference.now + seconds - one) < APART for one in self._deadlines()):
            seconds += APART
        self._do(self._wait(self.reference.now + seconds))

    async def _wait(self, end: float) -> None:
        """Deadline by deadline, each until all is done that it brings: a Temporal run that has just begun may wait for
        a moment until its worker hears of it, and the server would move its time on to the end in that moment."""
        while self.reference.now < end and self.reference.open():
            await at_rest(self.client, self.run.run_id)
            until = min([one + MARGIN for one in self._deadlines() if one < end], default=end)
            seconds = until - self.reference.now
            self.reference.wait(seconds)
            await self.run.clock.forward(self.run.run_id, seconds)
            await self.run.agrees(self.reference)

    @rule(data=st.data(), in_time=st.integers(0, 3), late=st.integers(0, 2), update=st.booleans(), cancel=st.booleans())
    @precondition(lambda self: self.reference.open())
    def outage(self, data: st.DataObject, in_time: int, late: int, update: bool, cancel: bool) -> None:
        """No worker is up while people decide, and while the next deadline passes, if there is one."""
        early = [self._drawn(data) for _ in range(in_time)]
        tardy = [self._drawn(data) for _ in range(late)]
        left = [self._drawn(data)] if update else []
        self._do(self._outage(early, tardy, left, cancel and len(self.said) > 4))
        self._agree()

    async def _outage(self, early: list[Said], tardy: list[Said], left: list[Said], cancel: bool) -> None:
        run, reference = self.run, self.reference
        await at_rest(self.client, run.run_id)
        await run.down()
        reference.up = False
        deadline = min(self._deadlines(), default=None)
        due = [one.id for one in reference.open() if deadline and one.deadline and one.deadline < deadline + APART]
        before, heard = await run.fired(), len(await run.signals_written(0))
        if deadline is not None:
            await run.clock.forward(run.run_id, deadline - reference.now - MARGIN)
            reference.wait(deadline - reference.now - MARGIN)
        for one in early:
            await run.signal(one)
        for one in left:
            await run.leave_update(one)
            reference.send(one, signal=False)
        await run.wait_for_fired(before + len(due))
        for one in tardy:
            await run.signal(one)
        written = (await run.signals_written(heard + len(early) + len(tardy)))[heard:]
        for one, at in zip([*early, *tardy], written, strict=True):
            in_time = not due or at < run.asked[one.question if one.question in due else due[0]].requirement.deadline
            reference.now = reference.now if deadline is None else deadline + (-MARGIN if in_time else MARGIN)
            reference.send(one, signal=True)
            self.tried[f"signals {'before' if in_time else 'after'} a deadline that no worker saw"] += bool(due)
        if deadline is not None:
            reference.now = deadline + MARGIN
        if cancel:
            assert await run.bench.runs.cancel(run.run_id)
            reference.cancel_asked = True
        reference.up = True
        sent = len(reference.answers)
        reference.work()
        await run.up()
        await run.agrees(reference)
        answers = await run.left_updates()
        for answer, (said, expected) in zip(answers, reference.answers[sent:], strict=True):
            assert answer in {expected, *self._acceptable(said, expected)}, said

    def _deadlines(self) -> list[float]:
        return [one.deadline for one in self.reference.open() if one.deadline is not None]

    def _drawn_of_one(self, data: st.DataObject, people: int) -> list[Said]:
        question = data.draw(st.sampled_from([one.id for one in self.reference.open()]))
        return [self._drawn(data, question) for _ in range(people)]

    def _drawn(self, data: st.DataObject, question: str | None = None) -> Said:
        if question is None and self.said and not data.draw(st.integers(0, 4)):
            return data.draw(st.sampled_from(self.said))
        known = self.reference.questions
        waiting = [one.id for one in self.reference.open()]
        question = question or data.draw(st.sampled_from([*known, *waiting, *waiting, "nobody asked this"]))
        kind = known[question].rules.kind if question in known else "confirmation"
        said = decision(data.draw, question, kind, tuple(CONTENTS), ACTIONS)
        said = replace(said, key=said.key or f"click {len(self.said)}")  # Without a key, nothing is sent again.
        self.said.append(said)
        return said

    def _expected(self, said: Said) -> str:
        self.reference.send(said, signal=False)
        return self.reference.answers[-1][1]

    def _acceptable(self, said: Said, expected: str) -> set[str]:
        """What may be answered: of a run that has ended also that it has, where nobody decided the question."""
        if self.reference.open():
            return {expected}
        question = self.reference.questions.get(said.question)
        if question is None:
            return {CLOSED}
        nobody = self.reference.ended and question.winner is not None and question.winner.by in (TIMER, CANCEL)
        return {expected, CLOSED} if nobody else {expected}

    def _agree(self) -> None:
        self._do(self.run.agrees(self.reference))

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.call(work)

    def teardown(self) -> None:
        if hasattr(self, "run"):
            self.tried["changes of history on the server"] += max(0, self._do(self.run.close()) - 1)
            self._do(self.run.down())
            self.run.ran_as(self.reference)
            winners = Counter(one.winner.by for one in self.reference.questions.values() if one.winner)
            self.tried["questions of the server that were closed"] += sum(winners.values())
            self.tried["of these by a timer"] += winners["system:timer"]
            self.tried["decisions checked on the server"] += len(self.said)


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    thread = LoopThread("model")
    yield thread
    thread.stop()


def search(server: str, loop: LoopThread, figures: Figures, examples: int, drawn_by: str) -> None:
    class Counting(Orders):
        tried: ClassVar[Counter[str]] = Counter()

    Counting.loop, Counting.client = loop, loop.call(Client.connect(server))
    print(f"drawn by {drawn_by!r}")  # pytest shows it where the test fails
    seed(drawn_by)(Counting)
    options = settings(
        max_examples=examples,
        stateful_step_count=8,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Counting, settings=options)
    for what, number in Counting.tried.items():
        figures.count(what, number)


@pytest.mark.slow
def test_real_runs_keep_to_the_reference(server: str, loop: LoopThread, figures: Figures) -> None:
    search(server, loop, figures, 3, "")


@pytest.mark.sweep
@pytest.mark.parametrize("share", range(8))
def test_many_real_runs_do(
    server: str, loop: LoopThread, figures: Figures, request: pytest.FixtureRequest, share: int
) -> None:
    """Each share draws by the seed of the sweep and its own number, so that both together repeat it."""
    search(server, loop, figures, 6, f"{request.config.getoption('--seed')}/{share}")

"""A run of questions on a real server: one gate in each branch of a Parallel, all of them open at once."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agno.workflow import Parallel, Router, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from agno_temporal import DecisionRefused
from agno_temporal.client import OutcomeUnknown
from agno_temporal.contract.manifest import Asked, Manifest
from agno_temporal.follow.errors import NoWorker
from agno_temporal.hitl import Decision, RefusalCode
from tests.chapters.scenes import all_replay
from tests.model.histories import FOR_LONG, written
from tests.model.reference import TAKEN, Reference, Rules, Said
from tests.model.ruled import decision_of
from tests.running.tools import Clock, send_update
from tests.support import Bench, eventually

REGION = {"name": "region", "field_type": "str", "required": True, "allowed_values": ["eu", "us"]}
ASKS: dict[str, dict[str, Any]] = {
    "confirmation": {"requires_confirmation": True},
    "confirmation with a form": {
        "requires_confirmation": True,
        "requires_user_input": True,
        "user_input_schema": [REGION],
    },
    "form": {"requires_user_input": True, "user_input_schema": [REGION]},
    "form with a default": {"requires_user_input": True, "user_input_schema": [{**REGION, "value": "eu"}]},
    "output review": {"requires_output_review": True},
    "failure": {"on_error": "pause"},
    "route": {"requires_user_input": True},
}
"""The gates of each kind, as an author writes them."""

SIGNALLED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED

CLOSED = RefusalCode.RUN_CLOSED.value
NOBODY: tuple[str | None, ...] = ("nobody",)

REFUSED_KEPT = 20
"""How many lost signals a run shows."""


class Served:
    """A run, its worker, and what its steps did. After so many events it goes on in a new Temporal run; 0 is never."""

    def __init__(self, client: Client, places: Sequence[Rules], continue_after: int) -> None:
        self.continue_after = continue_after
        self.bench = Bench(client, f"model-{uuid.uuid4()}")
        self.clock = Clock(client)
        self.ran: Counter[int] = Counter()
        branches = [self._place(place, rules) for place, rules in enumerate(places)]
        self.workflow = Workflow(name="model", steps=[Parallel(*branches, name="all")])
        self.run_id = ""
        self.asked: dict[str, Asked] = {}
        self._worker = AsyncExitStack()
        self._answers: list[asyncio.Future[Any]] = []

    def _place(self, place: int, rules: Rules) -> Any:
        def work(step_input: Any) -> str:
            self.ran[place] += 1
            if rules.kind == "failure":
                raise ValueError("it fails whenever it is tried")
            return "done"

        limit = {} if rules.kind == "failure" else {"max_retries": rules.max_retries}
        review = HumanReview(
            timeout=rules.timeout,
            on_timeout=rules.on_timeout,
            on_reject=rules.on_reject,
            **limit,
            **ASKS[rules.kind],
        )
        if rules.kind == "route":
            choices = [Step(name=name, executor=work) for name in ("blue", "green")]
            return Router(name=str(place), choices=choices, selector=lambda _: "blue", human_review=review)
        return Step(name=str(place), executor=work, max_retries=0, human_review=review)

    async def start(self, reference: Reference) -> None:
        await self.up()
        self.run_id = await self.bench.start(self.workflow)
        await self.agrees(reference)

    async def up(self) -> None:
        worker = self.bench.worker(self.workflow, continue_after=self.continue_after)
        await self._worker.enter_async_context(worker)

    async def down(self) -> None:
        await self._worker.aclose()

    async def close(self) -> int:
        """The end of the test: whatever happened, it replays. Returns how many histories it has."""
        if not self.run_id:
            return 0
        histories = await all_replay(self.bench.client, self.run_id)
        if await self.bench.runs.is_open(self.run_id):
            await self.bench.client.get_workflow_handle(self.run_id).terminate()
        return histories

    async def update(self, said: Said) -> str:
        """What somebody is answered."""
        decision = self._decision(said)
        for _ in range(10):
            try:
                await self.bench.runs.decide(self.run_id, decision, timedelta(seconds=30))
            except DecisionRefused as refused:
                return refused.code.value
            except OutcomeUnknown:  # The machine is busy. With its key it is safe to send it again.
                continue
            return TAKEN
        raise AssertionError("never answered")

    async def several(self, said: Sequence[Said]) -> list[str]:
        return list(await asyncio.gather(*(self.update(one) for one in said)))

    async def signal(self, said: Said) -> None:
        await self.bench.runs.signal(self.run_id, self._decision(said))

    async def leave_update(self, said: Said) -> None:
        """Send what no worker can answer yet."""
        self._answers.append(await send_update(self.bench.runs, self.run_id, self._decision(said)))

    async def left_updates(self) -> list[str]:
        """What became of them."""
        answers = await asyncio.gather(*self._answers, return_exceptions=True)
        self._answers.clear()
        return [_code(answer) for answer in answers]

    async def fired(self) -> int:
        return len(await self._written(EventType.EVENT_TYPE_TIMER_FIRED))

    async def _written(self, kind: EventType.ValueType) -> list[HistoryEvent]:
        return await written(self.bench.client, self.run_id, kind)

    async def wait_for_fired(self, number: int) -> None:
        async def enough() -> bool:
            return await self.fired() >= number

        await eventually(f"{number} deadlines", enough, FOR_LONG)

    async def signals_written(self, at_least: int) -> list[float]:
        """When each signal was, by the server's clock. One that comes while a worker has a task is kept back until that
        is done, and a worker that goes may leave one undone for some seconds."""

        async def enough() -> bool:
            return len(await self._written(SIGNALLED)) >= at_least

        await eventually(f"{at_least} signals", enough)
        return [one.event_time.ToNanoseconds() / 1e9 for one in await self._written(SIGNALLED)]

    async def agrees(self, reference: Reference) -> None:
        """Wait until the run stands where the reference does; fail if it does not come there.

        A run that goes on twice in a second begins when that is over. A server whose time is moved on refuses questions
        until then, and does not let them wait."""
        expected, seen = _expected(reference), None
        until = time.monotonic() + FOR_LONG
        while time.monotonic() < until:
            with suppress(NoWorker):
                manifest = await self.bench.runs.manifest(self.run_id)
                self.asked = {_name(asked): asked for asked in manifest.asked}
                seen = _seen(manifest, reference)
                if seen == expected and (not _over(reference) or not await self.bench.runs.is_open(self.run_id)):
                    return
            await asyncio.sleep(0.02)
        assert seen == expected, (seen, expected)

    def ran_as(self, reference: Reference) -> None:
        """Nothing before a pause ran twice, and nothing after it before the decision."""
        for place, times in runs(reference).items():
            assert self.ran[place] <= times, (place, self.ran, reference)
            assert self.ran[place] == times or reference.ended, (place, self.ran, reference)

    def _decision(self, said: Said) -> Decision:
        asked = self.asked.get(said.question)
        decision = decision_of(said)
        return replace(decision, requirement_id=asked.requirement.id) if asked else decision


def runs(reference: Reference) -> Counter[int]:
    """How often each step has run: before its question where that is about what it did, else after it. A step that was
    to run again when the run was ended may have."""
    counted: Counter[int] = Counter()
    for one in reference.questions.values():
        asked_after = one.rules.kind in ("output review", "failure")
        counted[one.place] += asked_after or one.then == "go on"
        counted[one.place] += asked_after and one.then == "again"
    return counted


def _over(reference: Reference) -> bool:
    return reference.ended or not reference.open()


def _name(asked: Asked) -> str:
    return f"{asked.requirement.step_name}?{asked.requirement.occurrence}"


def _seen(manifest: Manifest, reference: Reference) -> tuple[Any, ...]:
    """Who closed what. While a run is being ended, a step that was let go just before may ask once more."""
    closed = {}
    for asked in manifest.asked:
        name, by = _name(asked), asked.resolution and asked.resolution.decision
        who = by and _who(by.action.value, by.decided_by, by.decision_id, reference.ended)
        if name in reference.questions or who != NOBODY:
            closed[name] = who
    return closed, len(manifest.refused)


def _expected(reference: Reference) -> tuple[Any, ...]:
    closed = {
        one.id: one.winner and _who(one.winner.action, one.winner.by, one.winner.key, reference.ended)
        for one in reference.questions.values()
    }
    return closed, min(REFUSED_KEPT, reference.lost_signals)


def _who(action: str, by: str | None, key: str | None, ended: bool) -> tuple[str | None, ...]:
    """Of several timers that fire together, one may end the run before it is another's turn."""
    nobody = ended and by is not None and by.startswith("system:")
    return NOBODY if nobody else (action, by, key)


def _code(answer: Any) -> str:
    if isinstance(answer, DecisionRefused):
        return answer.code.value
    if isinstance(answer, BaseException):
        raise answer
    return TAKEN

"""A run that says more than a query carries is read all the same: from its history, replayed by whoever asks.

Workers leave out of an answer what would be too large for it (`workflows.report`); those of a version that leaves out
less do not. Here they say what each open gate was asked with: fourteen of them, each with two edits before it, are more
than the 2 MB of a payload, and with three edits more than the 4 MB of a message.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agno.run.base import RunStatus
from agno.workflow import Parallel, Step, Workflow
from agno.workflow.types import HumanReview
from temporalio.client import WorkflowQueryFailedError

from agno_temporal.client import DecisionRefused, reading
from agno_temporal.follow import feed, replayed
from agno_temporal.hitl import Action, Decision, RefusalCode
from agno_temporal.workflows import events, report
from agno_temporal.workflows.run_state import RunState
from tests.running.tools import edit, reject
from tests.support import Bench

LONG = "й" * 21_000
"""126 KB as it is written, of the 128 that a decision may have."""

GATES = 14


@pytest.fixture(autouse=True)
def all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tuple(one for one in report._REDUCTIONS if one is not report._without_flows)
    monkeypatch.setattr(report, "_REDUCTIONS", kept)


def step(name: str, **asks: Any) -> Step:
    """Rejected, it is left out."""
    return Step(name=name, executor=lambda _: name, human_review=HumanReview(**asks))


def gates(edits: int) -> Workflow:
    """So many steps that are edited, and the gates behind them."""
    edited = [step(f"e{number}", requires_output_review=True) for number in range(edits)]
    beside = [step(f"g{number}", requires_confirmation=True) for number in range(GATES)]
    return Workflow(name="gates", steps=[*edited, Parallel(*beside, name="all")])


async def at_the_gates(bench: Bench, workflow: Workflow, edits: int = 2) -> str:
    run_id = await bench.start(workflow)
    for _ in range(edits):
        [asked] = await bench.paused(run_id)
        await bench.runs.decide(run_id, edit(asked, LONG))
    assert len(await bench.paused(run_id)) == GATES
    return run_id


class Counted:
    """How often a function was called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        self.times = 0
        self._function = getattr(module, name)
        monkeypatch.setattr(module, name, self._call)

    def _call(self, *args: Any, **options: Any) -> Any:
        self.times += 1
        return self._function(*args, **options)


@pytest.mark.parametrize("edits", [2, 3], ids=["over-a-payload", "over-a-message"])
async def test_a_run_with_questions_beyond_a_query_is_waited_for_read_and_decided(bench: Bench, edits: int) -> None:
    workflow = gates(edits)
    async with bench.worker(workflow):
        run_id = await at_the_gates(bench, workflow, edits)
        shown = await bench.runs.run_output(run_id)
        for asked in await bench.runs.requirements(run_id):
            await bench.runs.decide(run_id, reject(asked, by="ana"))
        ended = await bench.ended(run_id)

    assert shown.status == RunStatus.paused
    assert [one.content for one in shown.step_results] == [LONG] * edits
    assert len(shown.step_requirements) == GATES
    assert ended.status == "COMPLETED"


async def test_a_decision_that_it_does_not_ask_for_is_refused_as_in_any_run(bench: Bench) -> None:
    workflow = gates(2)
    async with bench.worker(workflow):
        run_id = await at_the_gates(bench, workflow)
        with pytest.raises(DecisionRefused) as refused:
            await bench.runs.decide(run_id, Decision("another", Action.CONFIRM))
    assert refused.value.code is RefusalCode.NOT_FOUND


async def test_whoever_reads_it_after_a_decision_sees_the_decision(bench: Bench) -> None:
    workflow = gates(2)
    async with bench.worker(workflow):
        run_id = await at_the_gates(bench, workflow)
        [first, *others] = await bench.runs.requirements(run_id)
        await bench.runs.decide(run_id, reject(first))
        assert await bench.runs.requirements(run_id) == others


async def test_as_long_as_it_does_not_move_it_is_replayed_once_for_all_who_ask(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = gates(2)
    async with bench.worker(workflow):
        run_id = await at_the_gates(bench, workflow)
        replays = Counted(monkeypatch, replayed, "_asked")
        await bench.runs.decide(run_id, reject((await bench.runs.requirements(run_id))[0]))
        moved = replays.times
        read = await asyncio.gather(*(bench.runs.manifest(run_id) for _ in range(5)))
    assert replays.times == moved + 1
    assert all(one == read[0] for one in read)
    assert read[0] is not read[1]


async def test_its_worker_is_not_asked_each_time_for_what_it_cannot_say(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = gates(2)
    async with bench.worker(workflow):
        run_id = await at_the_gates(bench, workflow)
        asked = Counted(monkeypatch, reading, "query")
        for _ in range(3):
            await bench.runs.manifest(run_id)
    assert asked.times == 0


async def test_a_page_of_events_beyond_a_query_is_read_too_and_asked_for_in_vain_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a worker of a version that did not count what is asked."""
    monkeypatch.setattr(events, "PAGE_BYTES", 10_000_000)
    review = {"requires_output_review": True, "on_reject": "retry", "max_retries": 100}
    workflow = Workflow(name="rejected", steps=[step("draft", **review)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        for _ in range(18):
            [asked] = await bench.paused(run_id)
            await bench.runs.decide(run_id, reject(asked, feedback=LONG))
        await bench.paused(run_id)
        questions, replays = Counted(monkeypatch, feed, "query"), Counted(monkeypatch, replayed, "_asked")
        told = [await bench.runs.told(run_id) for _ in range(3)]
    assert [number for number, _ in told[0]] == list(range(len(told[0])))
    assert len(told[0]) == len(told[1]) == len(told[2]) > 18
    assert (questions.times, replays.times) == (1, 1)


async def test_any_other_failure_of_a_question_is_told_as_it_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = Workflow(name="one", steps=[step("gate", requires_confirmation=True)])
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        await bench.paused(run_id)
        monkeypatch.setattr(RunState, "manifest", lambda _: 1 / 0)
        with pytest.raises(WorkflowQueryFailedError, match="division by zero"):
            await bench.runs.manifest(run_id)

"""Nobody is there to do the work: callers are told so, nothing is lost, and it goes on when a worker comes.

Waiting without a word looks like a run that takes long. So a caller hears which queue is not served; the run is kept;
and a decision that nobody answered may be sent again with the same id, and counts once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from agno.run.base import RunStatus
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal import RunClient
from agno_temporal.client import NoWorker, OutcomeUnknown, reach, waiting
from agno_temporal.hitl import Action, Decision
from tests.running.scenes import scene
from tests.running.tools import confirm, deciders, event_counts
from tests.support import Bench

GATE = {"requires_confirmation": True}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "NO_WORKER_AFTER", 0.2)
    monkeypatch.setattr(reach, "ANSWER_TIMEOUT", timedelta(seconds=0.3))


async def test_a_run_that_nobody_starts_says_which_queue_has_no_worker(bench: Bench) -> None:
    with pytest.raises(NoWorker, match=bench.task_queue):
        await bench.durable(scene().workflow).arun("x")


async def test_it_is_kept_and_runs_when_a_worker_comes(bench: Bench) -> None:
    at = scene()
    durable = bench.durable(at.workflow)
    run_id = f"{bench.task_queue}-run"
    with pytest.raises(NoWorker):
        await durable.arun("x", run_id=run_id)
    async with bench.worker(at.workflow):
        assert (await durable.arun("x", run_id=run_id)).status == RunStatus.completed

    assert at.ran == ["before", "gate", "after"]


async def test_a_decision_that_nobody_answers_is_of_unknown_outcome(bench: Bench) -> None:
    at = scene(**GATE)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    with pytest.raises(OutcomeUnknown, match="same decision id"):
        await bench.runs.decide(run_id, confirm(asked, by="ana", key="click"))


async def test_a_timeout_around_a_decision_is_that_and_no_unknown_outcome(bench: Bench) -> None:
    at = scene(**GATE)
    run_id = await bench.start(at.workflow)
    runs = RunClient(bench.client, bench.task_queue, answer_timeout=timedelta(minutes=1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await runs.decide(run_id, Decision("gate", Action.CONFIRM))


async def test_a_decision_that_the_server_breaks_off_is_of_unknown_outcome(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken_off(*args: Any, **options: Any) -> NoReturn:
        raise RPCError("context canceled", RPCStatusCode.CANCELLED, b"")

    at = scene(**GATE)
    run_id = await bench.start(at.workflow)
    monkeypatch.setattr(bench.client.workflow_service, "update_workflow_execution", broken_off)
    with pytest.raises(OutcomeUnknown):
        await bench.runs.decide(run_id, Decision("gate", Action.CONFIRM))


async def test_sent_again_with_the_same_id_it_counts_once(bench: Bench) -> None:
    """The first may have been taken meanwhile, though its caller was told that nobody answered."""
    at = scene(**GATE)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    decision = confirm(asked, by="ana", key="click")
    with pytest.raises(OutcomeUnknown):
        await bench.runs.decide(run_id, decision)
    async with bench.worker(at.workflow):
        run = await ended_or_decided(bench, run_id, decision)

    assert deciders(run) == ["ana"]
    assert (await event_counts(bench.client, run_id))["WORKFLOW_EXECUTION_UPDATE_ACCEPTED"] == 1
    assert at.ran == ["before", "gate", "after"]


async def ended_or_decided(bench: Bench, run_id: str, decision):
    """Sent until it is answered: a worker that has just come needs more than the short time of these tests."""
    for _ in range(50):
        with suppress(OutcomeUnknown):
            await bench.runs.decide(run_id, decision)
            break
    return await bench.ended(run_id)


async def test_an_open_run_cannot_be_read_without_a_worker(bench: Bench) -> None:
    at = scene(**GATE)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
    with pytest.raises(NoWorker, match=bench.task_queue):
        await bench.runs.run_output(run_id)


async def test_a_run_that_has_ended_is_read_without_a_worker(bench: Bench) -> None:
    at = scene()
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.ended(run_id)

    assert (await bench.runs.run_output(run_id)).content == "after [gate ran 1]"

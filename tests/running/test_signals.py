"""Signals: decisions that the server keeps while no worker is up, sent by any client in any language.

Nobody answers a signal, so that a mistake in one is easily lost; and one that the handler cannot take would fail the
workflow task and with it the run, for ever. So each is taken by one handler with raw arguments, a refused one is shown
with the run, and whatever was sent, the run goes on.
"""

from __future__ import annotations

import asyncio

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from agno_temporal import DecisionRefused
from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Action, Decision, RefusalCode
from tests.running.scenes import GATES, scene
from tests.running.tools import confirm, deciders, reject, replays
from tests.support import Bench, eventually

GOOD = [
    ("confirmation", "confirm", {}, ["before", "gate", "after"]),
    ("confirmation", "reject", {"feedback": "no"}, ["before", "after"]),
    ("input", "provide_input", {"values": {"region": "us"}}, ["before", "gate", "after"]),
    ("input", "reject", {}, ["before", "after"]),
    ("confirmation with input", "confirm", {"values": {"region": "us"}}, ["before", "gate", "after"]),
    ("review", "confirm", {}, ["before", "gate", "after"]),
    ("review", "edit", {"edited_output": "better"}, ["before", "gate", "after"]),
    ("review", "reject", {}, ["before", "gate", "after"]),
]


@pytest.mark.parametrize(("gate", "name", "payload", "ran"), GOOD, ids=[f"{gate}: {name}" for gate, name, *_ in GOOD])
async def test_every_signal_decides(bench: Bench, gate: str, name: str, payload: dict, ran: list[str]) -> None:
    at = scene(**GATES[gate])
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        signal = {"requirement_id": asked.requirement.id, "decided_by": "ana", **payload}
        await bench.client.get_workflow_handle(run_id).signal(name, signal)
        run = await bench.ended(run_id)

    assert (run.status, at.ran) == ("COMPLETED", ran)
    assert deciders(run) == ["ana"]
    assert run.refused == ()


async def test_a_client_in_any_language_finds_what_waits_with_a_query(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        handle = bench.client.get_workflow_handle(run_id)
        [waiting] = await handle.query("requirements")
        await handle.signal("confirm", {"requirement_id": waiting["requirement"]["id"]})
        assert (await bench.ended(run_id)).status == "COMPLETED"


async def test_a_signal_sent_while_no_worker_is_up_is_taken_when_one_comes(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    await bench.runs.signal(run_id, confirm(asked, by="ana"))
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)

    assert deciders(run) == ["ana"]


BAD = {
    "no argument": ("confirm", []),
    "two arguments": ("confirm", [{}, {}]),
    "no object": ("confirm", ["yes"]),
    "null": ("confirm", [None]),
    "a list": ("confirm", [[1, 2]]),
    "a payload that is no JSON": ("confirm", [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{"))]),
    "an encoding that nobody knows": ("confirm", [RawValue(Payload(metadata={"encoding": b"binary/odd"}, data=b"?"))]),
    "no encoding": ("confirm", [RawValue(Payload(data=b"{}"))]),
    "a number that JSON has not": (
        "confirm",
        [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"requirement_id": NaN}'))],
    ),
    "JSON nested very deep": (
        "confirm",
        [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"[" * 50_000 + b"]" * 50_000))],
    ),
    "an unknown signal": ("approve", [{}]),
    "an action of its own": ("confirm", [{"requirement_id": "x", "action": "reject"}]),
    "an unknown field": ("confirm", [{"requirement_id": "x", "timeout": 1}]),
    "no requirement": ("confirm", [{"decided_by": "ana"}]),
    "an unknown requirement": ("confirm", [{"requirement_id": "x"}]),
    "values of the wrong type": ("confirm", [{"requirement_id": "x", "values": "many"}]),
}


async def after_garbage(bench: Bench, name: str, arguments: list) -> tuple[str, Manifest]:
    """A run that was sent garbage, and then confirmed."""
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        await bench.client.get_workflow_handle(run_id).signal(name, args=arguments)
        await bench.runs.decide(run_id, confirm(asked, by="ana"))
        return run_id, await bench.ended(run_id)


@pytest.mark.parametrize(("name", "arguments"), BAD.values(), ids=BAD)
async def test_a_bad_signal_is_shown_and_stops_nothing(bench: Bench, name: str, arguments: list) -> None:
    run_id, run = await after_garbage(bench, name, arguments)

    assert (run.status, deciders(run)) == ("COMPLETED", ["ana"])
    assert len(run.refused) == 1
    assert run.refused[0].startswith(f"{name}: ")
    await replays(bench.client, run_id)


async def test_of_a_flood_of_bad_signals_the_last_are_shown(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        handle = bench.client.get_workflow_handle(run_id)
        await asyncio.gather(*(handle.signal("confirm", args=[]) for _ in range(60)))
        await handle.signal("the-last-one")

        async def last_is_shown() -> bool:
            return any("the-last-one" in note for note in (await bench.runs.manifest(run_id)).refused)

        await eventually("the last signal among the refused", last_is_shown)
        assert len((await bench.runs.manifest(run_id)).refused) == 20


async def test_a_signal_for_an_earlier_attempt_is_shown_as_refused(bench: Bench) -> None:
    at = scene(requires_confirmation=True, on_reject="retry")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [first] = await bench.paused(run_id)
        await bench.runs.decide(run_id, reject(first, by="ana"))
        [second] = await bench.paused(run_id)
        await bench.runs.signal(run_id, confirm(first, by="ben"))
        await bench.runs.signal(run_id, confirm(second, by="cleo"))
        run = await bench.ended(run_id)

    assert deciders(run) == ["ana", "cleo"]
    assert [note.startswith("confirm: Step 'gate' asks anew") for note in run.refused] == [True]


async def test_what_only_a_timer_decides_is_refused_before_it_is_sent(bench: Bench) -> None:
    decision = Decision("a" * 36, Action.CANCEL)
    with pytest.raises(DecisionRefused, match="timer") as refused:
        await bench.runs.signal(f"{bench.task_queue}-run", decision)
    assert refused.value.code is RefusalCode.ACTION_NOT_ALLOWED

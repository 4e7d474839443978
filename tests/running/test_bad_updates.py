"""Updates that are no decision: refused by the validator, so that nothing is written, and the run never notices.

An exception in an update's handler would fail the workflow task and stick the run, and a flood of bad updates would
fill its history. Neither may be in a caller's power.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowUpdateFailedError
from temporalio.common import RawValue

from agno_temporal.contract import names
from agno_temporal.hitl import RefusalCode
from tests.running.scenes import scene
from tests.running.tools import confirm, event_counts
from tests.support import Bench


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


BAD: dict[str, list[Any]] = {
    "no argument": [],
    "two arguments": [{}, {}],
    "a string": ["yes"],
    "null": [None],
    "a list": [[1, 2]],
    "no JSON": [raw(b"{")],
    "an unknown encoding": [raw(b"?", b"binary/odd")],
    "JSON nested very deep": [raw(b"[" * 50_000 + b"]" * 50_000)],
    "a number that JSON has not": [raw(b'{"requirement_id": NaN, "action": "confirm"}')],
    "half a surrogate": [raw(b'{"requirement_id": "\\ud800", "action": "confirm"}')],
    "no action": [{"requirement_id": "x"}],
    "an unknown action": [{"requirement_id": "x", "action": "approve"}],
    "a number for a name": [{"requirement_id": 7, "action": "confirm"}],
    "an unknown field": [{"requirement_id": "x", "action": "confirm", "on_timeout": "approve"}],
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD)
async def test_a_bad_update_is_refused_and_leaves_no_trace(bench: Bench, arguments: list[Any]) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        before = await event_counts(bench.client, run_id)
        with pytest.raises(WorkflowUpdateFailedError):
            await bench.client.get_workflow_handle(run_id).execute_update(names.DECIDE, args=arguments)
        assert await event_counts(bench.client, run_id) == before
        await bench.runs.decide(run_id, confirm(asked))
        assert (await bench.ended(run_id)).status == "COMPLETED"


@pytest.mark.parametrize("arguments", [BAD["null"], BAD["no JSON"], BAD["no action"]])
async def test_the_refusal_says_that_it_is_no_decision(bench: Bench, arguments: list[Any]) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await bench.client.get_workflow_handle(run_id).execute_update(names.DECIDE, args=arguments)

    assert refused.value.cause.type == RefusalCode.MALFORMED


async def test_an_update_of_another_name_is_refused(bench: Bench) -> None:
    at = scene(requires_confirmation=True)
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        await bench.paused(run_id)
        with pytest.raises(WorkflowUpdateFailedError, match="Workflow update failed"):
            await bench.client.get_workflow_handle(run_id).execute_update("approve", {})
        assert await bench.paused(run_id)


async def test_an_update_that_comes_before_anything_is_asked_is_refused_and_the_run_starts(bench: Bench) -> None:
    """It is handled with the first workflow task, before the run has a plan."""
    at = scene(requires_confirmation=True)
    run_id = await bench.start(at.workflow)
    early = {"requirement_id": "x", "action": "confirm"}
    sent = asyncio.ensure_future(bench.client.get_workflow_handle(run_id).execute_update(names.DECIDE, early))
    async with bench.worker(at.workflow):
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await sent
        assert await bench.paused(run_id)

    assert refused.value.cause.type == RefusalCode.NOT_FOUND

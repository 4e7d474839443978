"""A question whose answer is a failure, where failures are encrypted: it means what it means in plain.

What a run says instead of an answer, and what its worker says, reach a reader as "Encoded failure", unless the worker
leaves it in plain, or the reader opens it. Quiet runs are asked here: nothing fails in them, so that only the answer
tells of a missing key.
"""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.contract.manifest import Manifest
from agno_temporal.contract.sealed import VARIABLE
from agno_temporal.follow.errors import NoWorker
from agno_temporal.workflows.run_state import BeingBrought, RunState
from tests.api.served import over, problem
from tests.cli.conftest import Cli
from tests.data.scenes import NEW, OLD, gated, having
from tests.support import Bench

LONGER_THAN_THE_SDK_WAITS = 2.5


@asynccontextmanager
async def quiet(bench: Bench, keys: dict[str, bytes], left: dict[str, bytes]) -> AsyncIterator[str]:
    """A run that waits at a gate, and whose worker has just been replaced by one with other keys."""
    first, second = having(bench, keys), having(bench, left)
    async with first.worker(gated()):
        run_id = await first.start(gated(), "x")
        await first.paused(run_id)
    async with second.worker(gated()):
        yield run_id


def cli(bench: Bench, keys: dict[str, bytes]) -> Cli:
    called = Cli(bench.client.service_client.config.target_host, bench.task_queue)
    called.environment[VARIABLE] = ",".join(f"{name}={base64.b64encode(key).decode()}" for name, key in keys.items())
    return called


lost = pytest.mark.parametrize("left", [{}, NEW], ids=["no-keys", "another-key"])


@lost
async def test_a_reader_with_the_key_is_told_which_one_its_worker_lacks(bench: Bench, left: dict[str, bytes]) -> None:
    async with quiet(bench, OLD, left) as run_id:
        for read in (having(bench, OLD).runs.manifest, having(bench, OLD).runs.run_output):
            with pytest.raises(NoWorker, match="key 'old'"):
                await read(run_id)


@lost
async def test_a_snapshot_is_replayed_where_the_key_is(bench: Bench, left: dict[str, bytes]) -> None:
    async with quiet(bench, OLD, left) as run_id:
        assert (await having(bench, OLD).runs.snapshot(run_id)).status == "PAUSED"


@lost
async def test_the_command_line_names_the_key_that_a_worker_lacks(bench: Bench, left: dict[str, bytes]) -> None:
    ours = cli(bench, OLD)
    async with quiet(bench, OLD, left) as run_id:
        for command in (("show", run_id), ("confirm", run_id)):
            assert "key 'old'" in await ours.refused(3, *command)
        assert run_id in await ours.ok("runs")
        assert "No worker answered for 1 open run" in await ours.refused(3, "pending")


@lost
async def test_the_api_names_the_key_that_a_worker_lacks_and_lists_the_run(
    bench: Bench, left: dict[str, bytes]
) -> None:
    service = new_service([gated()], having(bench, OLD).client, task_queue=bench.task_queue)
    async with quiet(bench, OLD, left) as run_id, over(create_app(service)) as http:
        assert "key 'old'" in problem(await http.get(f"/v1/runs/{run_id}"), 503, "no-worker")["detail"]
        (row,) = (await http.get("/v1/runs")).json()["runs"]
        assert (row["run_id"], row["answered"]) == (run_id, False)


async def test_a_list_says_of_other_runs_what_they_do_beside_one_whose_key_is_lost(bench: Bench) -> None:
    whole, worker = having(bench, {**NEW, **OLD}), having(bench, NEW)
    async with quiet(bench, OLD, NEW) as lost_run:
        run_id = await worker.start(gated(), "x")
        await worker.paused(run_id)
        rows = {row["run_id"]: row["status"] for row in (await cli(whole, {**NEW, **OLD}).json("runs"))["runs"]}
    assert rows == {lost_run: "RUNNING", run_id: "PAUSED"}


@pytest.mark.parametrize("behind", [{}, OLD], ids=["no-keys", "an-older-key"])
async def test_a_reader_that_is_ahead_of_the_worker_reads_the_events_of_a_run(
    bench: Bench, behind: dict[str, bytes]
) -> None:
    worker, ahead = having(bench, behind), having(bench, {**NEW, **OLD})
    async with worker.worker(gated()):
        run_id = await worker.start(gated(), "x")
        await worker.paused(run_id)
        told = [event async for event in ahead.runs.events(run_id, to_a_pause=True)]
        lines = (await cli(bench, {**NEW, **OLD}).ok("events", run_id, "--json")).splitlines()
    assert [number for number, _ in told] == list(range(len(lines)))
    assert told[-1][1].event == "StepPaused"


async def test_a_run_that_is_being_brought_is_asked_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, manifest, early = having(bench, OLD), RunState.manifest, [True]

    def brought_soon(state: RunState) -> Manifest:
        if early and early.pop():
            raise BeingBrought
        return manifest(state)

    async with ours.worker(gated()):
        run_id = await ours.start(gated(), "x")
        (asked,) = await ours.paused(run_id)
        monkeypatch.setattr(RunState, "manifest", brought_soon)
        assert (await ours.runs.manifest(run_id)).asked == (asked,)
    assert early == []


@pytest.mark.slow
async def test_a_run_whose_worker_stood_still_is_asked_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, manifest, slow = having(bench, OLD), RunState.manifest, [LONGER_THAN_THE_SDK_WAITS]

    def manifest_slowly(state: RunState) -> Manifest:
        time.sleep(slow.pop() if slow else 0)
        return manifest(state)

    async with ours.worker(gated(), max_cached_workflows=0):
        run_id = await ours.start(gated(), "x")
        (asked,) = await ours.paused(run_id)
        monkeypatch.setattr(RunState, "manifest", manifest_slowly)
        assert (await ours.runs.manifest(run_id)).asked == (asked,)
    assert slow == []

"""Temporal is away: at the start, while everything runs, and without a word. Nothing is lost, and callers hear soon."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.connect.bounded import BoundedCalls
from agno_temporal.connect.settings import Settings
from tests.api.served import over, problem, release
from tests.crash.processes import ServerProcess, server_on_file
from tests.operations.app import App, ended, waiting
from tests.operations.page import Section
from tests.support import PATIENCE, eventually

SOON = 9.0
"""Seconds: some more than a call is given, and fewer than Temporal's client would take by itself."""


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[ServerProcess]:
    with server_on_file(tmp_path) as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("command", ["worker", "api"])
async def test_a_process_that_starts_without_it_says_so_and_ends(tmp_path: Path, command: str) -> None:
    app = App(tmp_path, "127.0.0.1:1")
    said = await app.said(command, "app.py", code=3)
    Section("Temporal is not there at the start").shows("Error: No Temporal server answers at", said)


@pytest.mark.slow
async def test_while_it_is_away_callers_hear_so_soon_and_everything_goes_on_afterwards(
    mortal: ServerProcess, tmp_path: Path
) -> None:
    page = Section("Temporal goes away")
    await mortal.start()
    app = App(tmp_path, mortal.address)
    try:
        worker = await app.worker()
        api, http = await app.api()
        run_id, question = await waiting(http)
        key = {"Idempotency-Key": "k"}
        mortal.kill()
        began = time.monotonic()
        refused = await http.post(f"{question}/confirm", headers=key)
        took = time.monotonic() - began
        ready = await http.get("/ready")
        metrics = await http.get("/metrics")
        doctor = await app.said("doctor", "app.py", code=3)
        health = await http.get("/health")
        await mortal.start()
        await eventually("the decision", lambda: is_taken(http, question, key))
        run = await ended(http, run_id)
    finally:
        app.kill()

    assert took < SOON
    page.shows("temporal-unavailable", problem(refused, 503, "temporal-unavailable")["type"])
    page.shows("Retry-After: 5", f"Retry-After: {refused.headers['retry-after']}")
    page.shows("not-ready", problem(ready, 503, "not-ready")["type"])
    assert ready.json()["checks"]["temporal"]["ok"] is False
    page.shows('agno_temporal_reading_ok{source="runs"} 0', metrics.text)
    page.shows("Temporal did not answer: ", api.said)
    page.shows("gRPC call", worker.said)
    page.shows("No Temporal server answers at", doctor)
    assert health.status_code == 200
    assert (run["status"], [one["decided_by"] for one in run["decisions"]]) == ("COMPLETED", ["anonymous"])


@pytest.mark.slow
async def test_what_it_breaks_off_is_sent_again_and_streams_go_on_where_they_were(
    mortal: ServerProcess, tmp_path: Path
) -> None:
    page = Section("Temporal goes away while somebody decides")
    await mortal.start()
    app = App(tmp_path, mortal.address)
    try:
        worker = await app.worker()
        api, http = await app.api()
        run_id, question = await waiting(http)
        key = {"Idempotency-Key": "k"}
        seen: list[str] = []
        reading = asyncio.create_task(followed(http, run_id, seen))
        await eventually("the stream to have begun", lambda: has(seen, "StepPaused"))
        worker.kill()
        deciding = asyncio.create_task(http.post(f"{question}/confirm", headers=key))
        waited = asyncio.create_task(http.post("/v1/runs?wait=30", json={"workflow_id": "gated"}))
        await asyncio.sleep(4)  # For as long a call that fails is tried again.
        mortal.kill()
        unknown, refused = await deciding, await waited
        await asyncio.sleep(12)  # A stream that is silent for so long asks whether somebody has to mend the run.
        assert not reading.done()
        await mortal.start()
        await app.worker()
        await eventually("the decision", lambda: is_taken(http, question, key))
        await asyncio.wait_for(reading, PATIENCE)
    finally:
        app.kill()

    page.shows("outcome-unknown", problem(unknown, 503, "outcome-unknown")["type"])
    problem(refused, 503, "temporal-unavailable")
    assert "error" not in seen
    assert seen[-2:] == ["WorkflowCompleted", "end"]
    assert "Traceback" not in api.said


async def is_taken(http: httpx.AsyncClient, question: str, key: dict[str, str]) -> bool:
    return (await http.post(f"{question}/confirm", headers=key)).status_code == 200


async def followed(http: httpx.AsyncClient, run_id: str, seen: list[str]) -> None:
    """Note the names of a run's events, to its end."""
    async with http.stream("GET", f"/v1/runs/{run_id}/events", timeout=None) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                seen.append(line.removeprefix("event: "))


async def has(seen: list[str], name: str) -> bool:
    return name in seen


@pytest.mark.slow
async def test_one_that_takes_requests_and_says_nothing_is_given_up_on_as_soon(mortal: ServerProcess) -> None:
    await mortal.start()
    client = await Settings(mortal.address).connect([BoundedCalls()])
    http = over(create_app(new_service([release()], client, task_queue="silent")))
    assert mortal._process is not None
    mortal._process.send_signal(signal.SIGSTOP)
    try:
        for method, path in (("GET", "/v1/runs/x"), ("GET", "/v1/runs"), ("POST", "/v1/runs/x/cancel")):
            began = time.monotonic()
            problem(await http.request(method, path), 503, "temporal-unavailable")
            assert time.monotonic() - began < SOON
    finally:
        mortal._process.send_signal(signal.SIGCONT)

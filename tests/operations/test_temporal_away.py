"""Temporal is away: at the start, while everything runs, and without a word. Nothing is lost, and callers hear soon."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.connect.bounded import BoundedCalls
from agno_temporal.connect.settings import Settings
from tests.api.served import over, problem, release
from tests.crash.processes import ServerProcess, server_on_file
from tests.operations.app import App, ended, waiting
from tests.operations.page import Section
from tests.support import eventually

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

        async def taken() -> bool:
            return (await http.post(f"{question}/confirm", headers=key)).status_code == 200

        await eventually("the decision", taken)
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

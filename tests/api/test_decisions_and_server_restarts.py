"""Temporal's server is killed and comes back on its file: no decision is lost, none is taken twice."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response

from tests.api.deciding import PATIENT, Api, api_over, decided, opened, problem
from tests.crash.processes import ServerProcess, server_on_file
from tests.running.scenes import scene
from tests.running.tools import deciders, replays
from tests.support import Bench, eventually

pytestmark = pytest.mark.slow


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    with server_on_file(tmp_path) as server:
        yield server


@asynccontextmanager
async def connected(server: ServerProcess, answer_timeout: timedelta = PATIENT) -> AsyncIterator[tuple[Bench, Api]]:
    bench = Bench(await server.start(), f"restart-{uuid.uuid4()}")
    async with api_over(bench.client, bench.task_queue, answer_timeout) as api:
        yield bench, api


async def test_what_was_decided_before_is_known_after(server: ServerProcess) -> None:
    at = scene(requires_confirmation=True, on_reject="retry")
    async with connected(server) as (bench, api), bench.worker(at.workflow):
        run_id, first = await opened(bench, at.workflow)
        record = decided(await api.decide(run_id, first, "reject", key="k"))
        [second] = await bench.paused(run_id)
        server.kill()
        await server.start()
        assert decided(await api.decide(run_id, first, "reject", key="k")) == record
        stale = problem(await api.decide(run_id, first, "confirm", by="ben"), 409, "stale-requirement")
        assert stale["open_requirement_id"] == second.requirement.id
        decided(await api.decide(run_id, second.requirement.id, "confirm"))
        run = await bench.ended(run_id)
        await replays(bench.client, run_id)

    assert deciders(run) == ["ana", "ana"]
    assert at.ran == ["before", "gate", "after"]


async def test_while_it_is_away_nobody_answers_and_the_same_key_is_safe(server: ServerProcess) -> None:
    at = scene(requires_confirmation=True)
    async with connected(server, timedelta(seconds=2)) as (bench, api), bench.worker(at.workflow):
        run_id, requirement_id = await opened(bench, at.workflow)

        async def sent(prefer: str | None = None) -> Response:
            return await api.decide(run_id, requirement_id, "confirm", key="k", prefer=prefer)

        async def answered() -> Response | None:
            answer = await sent()
            return None if answer.status_code == 503 else answer

        server.kill()
        away = await asyncio.gather(sent(), sent("respond-async, wait=0"))
        await server.start()
        record = decided(await eventually("an answer", answered))
        run = await bench.ended(run_id)

    for answer in away:
        assert answer.status_code == 503, answer.text
        assert answer.json()["type"] in ("temporal-unavailable", "outcome-unknown")
        assert int(answer.headers["retry-after"]) > 0
    assert record["action"] == "confirm"
    assert deciders(run) == ["ana"]
    assert at.ran == ["before", "gate", "after"]


async def test_what_was_left_for_the_run_survives_it(server: ServerProcess) -> None:
    at = scene(requires_confirmation=True)
    async with connected(server) as (bench, api):
        async with bench.worker(at.workflow):
            run_id, requirement_id = await opened(bench, at.workflow)
        left = await api.decide(run_id, requirement_id, "confirm", key="k", prefer="respond-async, wait=0")
        assert left.status_code == 202
        server.kill()
        await server.start()
        async with bench.worker(at.workflow):
            record = decided(await api.decide(run_id, requirement_id, "confirm", key="k"))
            run = await bench.ended(run_id)

    assert record["decided_by"] == "ana"
    assert deciders(run) == ["ana"]

"""A stream ends with the credentials that opened it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from agno_temporal.api import still_known
from agno_temporal.api.access import Limited
from agno_temporal.api.key_stores import KeyDirectory
from agno_temporal.api.keys import id_of
from agno_temporal.api.principals import ANYBODY, Principal, Scope
from agno_temporal.api.problems import Problem
from agno_temporal.api.rates import Rate
from agno_temporal.api.service import new_service
from agno_temporal.api.still_known import while_known
from tests.api.calling import request
from tests.api.guarded import app_of, calling, some_keys
from tests.api.served import release
from tests.api.serving import serving
from tests.support import PATIENCE, Bench


class Told:
    """Knows the caller, until it is told to answer something else."""

    error: Exception | None = None
    asked = 0
    caller = ANYBODY

    async def principal(self, connection: HTTPConnection) -> Principal:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.caller


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(still_known, "EVERY", 0.05)


closed: list[str] = []


async def some(count: int, then: float = 0) -> AsyncGenerator[int, None]:
    try:
        for number in range(count):
            yield number
        await asyncio.sleep(then)
    finally:
        closed.append("items")


async def test_what_ends_by_itself_is_complete():
    assert [one async for one in while_known(Told(), request(), some(300), Scope.READ)] == [*range(300)]


@pytest.mark.parametrize("error", [Problem(401, "unauthorized", ""), HTTPException(403)])
async def test_it_ends_when_the_caller_is_not_known_any_longer(error: Exception):
    access = Told()
    items = while_known(access, request(), some(1, then=PATIENCE), Scope.READ)
    assert await anext(items) == 0
    closed.clear()
    access.error = error
    with pytest.raises(type(error)):
        await asyncio.wait_for(anext(items), PATIENCE / 2)
    assert closed == ["items"]


@pytest.mark.parametrize("error", [Problem(503, "database-unavailable", ""), ConnectionError("no answer")])
async def test_it_goes_on_where_it_cannot_be_said_at_the_moment(error: Exception):
    access = Told()
    items = while_known(access, request(), some(2), Scope.READ)
    assert await anext(items) == 0
    access.error = error
    await asyncio.sleep(3 * still_known.EVERY)
    assert [one async for one in items] == [1]


async def test_it_ends_when_the_caller_may_not_read_any_longer():
    access = Told()
    items = while_known(access, request(), some(1, then=PATIENCE), Scope.READ)
    assert await anext(items) == 0
    access.caller = Principal("anonymous", frozenset({Scope.RUN}))
    with pytest.raises(Problem, match="'read'"):
        await asyncio.wait_for(anext(items), PATIENCE / 2)


@pytest.mark.parametrize("error", [Problem(503, "credentials-unavailable", ""), Problem(429, "rate-limited", "")])
async def test_it_goes_on_while_that_cannot_be_said(error: Exception):
    access = Told()
    access.error = error
    assert [one async for one in while_known(access, request(), some(2, then=0.5), Scope.READ)] == [0, 1]
    assert access.asked > 2


async def test_asking_again_costs_the_caller_no_request():
    told = Told()
    access = Limited(told, Rate(per_second=0.01, burst=1))
    assert [one async for one in while_known(access, request(), some(2, then=0.5), Scope.READ)] == [0, 1]
    assert told.asked > 2

    assert await access.principal(request()) == ANYBODY


async def test_a_revoked_key_ends_the_stream_that_it_opened(bench: Bench, tmp_path: Path):
    workflow = release()
    keys = await some_keys(tmp_path)
    token = await keys.make("watcher", Scope.READ)
    service = new_service([workflow], bench.client, task_queue=bench.task_queue)
    async with bench.worker(workflow), serving(app_of(service, keys)) as address:
        run_id = await bench.start(workflow, "v1")
        await bench.paused(run_id)
        async with calling(app_of(service, keys), token) as client:
            headers = dict(client.headers)
        async with (
            httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE) as http,
            http.stream("GET", f"/v1/runs/{run_id}/events") as stream,
        ):
            assert stream.status_code == 200
            lines = stream.aiter_lines()
            async for line in lines:
                if "StepPaused" in line:
                    break
            await KeyDirectory(tmp_path).revoke(id_of(token) or "")
            rest = [line async for line in lines]
    assert any('"type":"unauthorized"' in line for line in rest), rest

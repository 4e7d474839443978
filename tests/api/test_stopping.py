"""What is under way when the server stops, and would take longer than that: its caller hears what there is to say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from agno.workflow import Step, Workflow

from agno_temporal.api import deciding
from agno_temporal.api.app import create_app
from agno_temporal.api.service import Service, new_service
from agno_temporal.api.serving import GRACE, serve
from agno_temporal.client import RunClient
from tests.api.served import problem, release
from tests.support import Bench


@asynccontextmanager
async def stopped(
    service: Service, method: str, path: str, **options: object
) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """A request to a server that is told to stop while it is under way."""
    told = asyncio.Queue[str]()
    server = asyncio.create_task(serve(create_app(service), port=0, tell=told.put_nowait))
    address = (await told.get()).split("/v1")[0].removeprefix("The API is at ")
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        asked = asyncio.create_task(http.request(method, path, **options))  # type: ignore[arg-type]
        await asyncio.sleep(1)
        assert not asked.done(), asked.result().text
        server.cancel()
        yield asked
        await asyncio.wait([server])


async def test_who_waits_for_a_run_is_told_that_it_is_started(bench: Bench) -> None:
    async def hold(step_input: object) -> str:
        await asyncio.sleep(3)
        return "held"

    workflow = Workflow(name="slow", steps=[Step(name="hold", executor=hold)])
    service = new_service([workflow], bench.client, task_queue=bench.task_queue)
    body = {"workflow_id": "slow", "run_id": f"slow-{bench.task_queue}"}
    async with bench.worker(workflow), stopped(service, "POST", "/v1/runs?wait=30", json=body) as asked:
        began = time.monotonic()
        answer = await asked
        took = time.monotonic() - began
        run = await bench.ended(body["run_id"])

    assert answer.status_code == 201, answer.text
    assert answer.json() == {**body, "started": True, "run": None}
    assert answer.headers["location"] == f"runs/{body['run_id']}"
    assert took < 2
    assert run.status == "COMPLETED"


@asynccontextmanager
async def decided(bench: Bench, workflow: Workflow) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """A decision on a run without a worker, whose answer would be waited for longer than the server has."""
    async with bench.worker(workflow):
        run_id = await bench.start(workflow)
        [asked] = await bench.paused(run_id)
    runs = RunClient(bench.client, bench.task_queue, answer_timeout=timedelta(seconds=30))
    path = f"/v1/runs/{run_id}/requirements/{asked.requirement.id}/confirm"
    headers = {"Idempotency-Key": "k", "Prefer": "wait=30"}
    async with stopped(Service(runs, {}, {}), "POST", path, headers=headers) as asking:
        yield asking


async def test_who_decides_is_told_that_the_outcome_is_unknown_and_under_which_key_to_ask(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "LAST_ANSWERS", 0.2)
    async with decided(bench, release()) as asked:
        unknown = problem(await asked, 503, "outcome-unknown")

    assert unknown["idempotency_key"] == "k"


async def test_a_decision_that_a_worker_answers_in_time_is_answered(bench: Bench) -> None:
    workflow = release()
    async with decided(bench, workflow) as asked, bench.worker(workflow):
        answer = await asked

    assert answer.status_code == 200, answer.text
    assert answer.json()["action"] == "confirm"


def test_a_decision_s_last_seconds_are_within_those_of_its_server() -> None:
    assert deciding.LAST_ANSWERS < GRACE - 1

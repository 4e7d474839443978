"""Subscribers of a run do not notice what is killed under them: no event is lost, and none comes twice."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from temporalio.worker import Worker

from agno_temporal.api.app import create_app
from agno_temporal.api.service import new_service
from agno_temporal.api.serving import GRACE, serve
from tests.api.api_process import NOTED, ApiProcess
from tests.api.following import NAMES, confirm, gated
from tests.api.serving import serving
from tests.api.subscribing import Subscriber, subscribed
from tests.crash.conftest import Scene
from tests.crash.workflows import twelve_in_four_parts
from tests.ports import lasting_port
from tests.support import Bench

STEP = ["StepStarted", "StepOutput", "StepCompleted"]


@pytest.fixture
def port() -> int:
    return lasting_port()


@pytest.fixture
async def http(port: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client of whatever listens there, with as many connections as it likes."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as http:
        yield http


async def test_ten_subscribers_outlive_their_server_and_the_worker(
    bench: Bench, http: httpx.AsyncClient, port: int
) -> None:
    workflow = gated()
    app = create_app(new_service([workflow], bench.client, task_queue=bench.task_queue))
    run_id = await bench.start(workflow)
    async with subscribed(http, f"/v1/runs/{run_id}/events", 10) as subscribers:
        async with serving(app, port), bench.worker(workflow):
            await asyncio.gather(*(one.saw("StepPaused") for one in subscribers))
        async with serving(app, port), bench.worker(workflow):
            await confirm(bench, run_id)
            await asyncio.gather(*(one.end() for one in subscribers))
    for one in subscribers:
        assert one.names == NAMES
        assert one.ids == [*range(len(NAMES))]
        assert one.ends == ["shutdown", "finished"]


async def test_a_server_that_is_stopped_by_whoever_runs_it_ends_its_streams_at_once(bench: Bench) -> None:
    workflow = gated()
    told = asyncio.Queue[str]()
    app = create_app(new_service([workflow], bench.client, task_queue=bench.task_queue))
    run_id = await bench.start(workflow)
    async with bench.worker(workflow), httpx.AsyncClient(timeout=60) as http:
        server = asyncio.create_task(serve(app, port=0, tell=told.put_nowait))
        address = (await told.get()).split("/v1")[0].removeprefix("The API is at ")
        async with subscribed(http, f"{address}/v1/runs/{run_id}/events") as (one,):
            await one.saw("StepPaused")
            server.cancel()
            began = time.monotonic()
            await asyncio.wait([server])
            assert one.ends[:1] == ["shutdown"]
    assert time.monotonic() - began < GRACE


@pytest.fixture
def apis(scene: Scene, port: int) -> Iterator[Callable[[], ApiProcess]]:
    """Makes processes of the API, which all listen on the same port."""
    made: list[ApiProcess] = []

    def make() -> ApiProcess:
        made.append(ApiProcess(scene.bench.client.service_client.config.target_host, scene.queue, port))
        return made[-1]

    yield make
    for one in made:
        one.kill()


async def asked(http: httpx.AsyncClient, address: str) -> object:
    """A server that a hundred readers have just come back to may not listen to the next one at once."""
    for _ in range(100):
        try:
            return (await http.get(address)).json()
        except httpx.ConnectError:
            await asyncio.sleep(0.1)
    raise AssertionError(f"{address} is not answered")


@pytest.mark.slow
async def test_a_hundred_subscribers_outlive_a_killed_worker_a_killed_server_and_one_that_is_stopped(
    scene: Scene,
    apis: Callable[[], ApiProcess],
    http: httpx.AsyncClient,
    port: int,
) -> None:
    worker, killed, stopped = scene.worker("twelve_in_four_parts"), apis(), apis()
    last = create_app(new_service([NOTED], scene.bench.client, task_queue=scene.queue))
    await killed.start()
    await worker.start()
    await scene.start()
    async with subscribed(http, f"/v1/runs/{scene.run_id}/events", 100) as subscribers:
        await completed(subscribers, 2)
        worker.kill()
        async with Worker(scene.bench.client, task_queue=scene.queue, plugins=[twelve_in_four_parts(scene.queue)]):
            scene.journal.release("second")
            await completed(subscribers, 5)
            killed.kill()
            await stopped.start()
            scene.journal.release("third")
            await completed(subscribers, 9)
            polls = await asked(http, "/polls")
            assert await stopped.stop() == -signal.SIGTERM
            scene.journal.release("fourth")
            async with serving(last, port):
                await asyncio.gather(*(one.end() for one in subscribers))
    assert polls == [scene.run_id]
    names = ["WorkflowStarted", *STEP * 12, "WorkflowCompleted"]
    for one in subscribers:
        assert one.names == names
        assert one.ids == [*range(len(names))]
    assert min(one.connections for one in subscribers) >= 3


async def completed(subscribers: list[Subscriber], steps: int) -> None:
    await asyncio.gather(*(one.saw("StepCompleted", steps) for one in subscribers))

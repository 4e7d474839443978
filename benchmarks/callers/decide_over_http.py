"""What the API adds to a decision: the request over HTTP, beside the update that it sends.

Both end with the update's answer. The client keeps its connection, as one that decides more than once does. Worker and
API have processes of their own, as they are served: in this one they would wait for each other's Python.
"""

from __future__ import annotations

import asyncio
import uuid
from contextlib import AsyncExitStack

import httpx

from benchmarks.engine.pause import confirm_ours, gated, paused_ours
from benchmarks.harness.clock import seconds
from benchmarks.harness.interval import difference
from benchmarks.harness.pairs import interleaved
from benchmarks.harness.processes import line, running
from benchmarks.harness.rows import Row, at_most, compare
from benchmarks.harness.scene import CACHED, Ours, Scene

TITLE = "a pause decided over HTTP, beside the bare update"


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    pauses = scene.times(20, 2)
    workflow = gated()
    async with AsyncExitStack() as stack:
        side = Ours(scene.client, f"ours-{uuid.uuid4()}")
        worker = running("benchmarks.engine.worker_of_ours", scene.address, side.queue, str(CACHED))
        assert await asyncio.to_thread(line, stack.enter_context(worker)) == "ready"
        api = running("benchmarks.callers.api", scene.address, side.queue)
        address = await asyncio.to_thread(line, stack.enter_context(api))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=60))

        async def over_http(run_id: str, requirement_id: str) -> None:
            answer = await http.post(f"/runs/{run_id}/requirements/{requirement_id}/confirm", json={})
            answer.raise_for_status()

        async def bare(run_id: str, requirement_id: str) -> None:
            await confirm_ours(scene.client, run_id, requirement_id)

        async def one(*, http: bool) -> float:
            run_id, requirement_id = await paused_ours(side, workflow)
            took = await seconds((over_http if http else bare)(run_id, requirement_id))
            await side.result(run_id)
            return 1_000 * took

        async def http_round() -> list[float]:
            return [await one(http=True) for _ in range(pauses)]

        async def bare_round() -> list[float]:
            return [await one(http=False) for _ in range(pauses)]

        measured = await interleaved(scene.pairs, {"the update": bare_round, "over HTTP": http_round}, ["the update"])
    return [compare("over HTTP", "ms", measured, "over HTTP", "the update", at_most(3), by=difference)]

"""What the API adds to a decision: the request over HTTP, beside the update that it sends.

Both end with the update's answer. The client keeps its connection, as one that decides more than once does.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

import httpx

from benchmarks.callers.serving import served
from benchmarks.engine.pause import confirm_ours, gated
from benchmarks.engine.pause_by_hand import STARTED
from benchmarks.harness.clock import seconds
from benchmarks.harness.interval import difference
from benchmarks.harness.pairs import interleaved
from benchmarks.harness.rows import Row, at_most, compare
from benchmarks.harness.scene import Scene

TITLE = "a pause decided over HTTP, beside the bare update"


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    pauses = scene.of(20, 2)
    workflow = gated()
    async with AsyncExitStack() as stack:
        side = await stack.enter_async_context(scene.ours(workflow))
        address = await stack.enter_async_context(served(scene.client, side.queue, workflow))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=60))

        async def over_http(run_id: str, requirement_id: str) -> None:
            answer = await http.post(f"/runs/{run_id}/requirements/{requirement_id}/confirm", json={})
            answer.raise_for_status()

        async def bare(run_id: str, requirement_id: str) -> None:
            await confirm_ours(scene.client, run_id, requirement_id)

        async def one(*, http: bool) -> float:
            run_id = await side.start(workflow, "a request")
            (asked,) = await side.paused(run_id)
            took = await seconds((over_http if http else bare)(run_id, asked.requirement.id))
            await side.result(run_id)
            return 1_000 * took

        async def http_round() -> list[float]:
            return [await one(http=True) for _ in range(pauses)]

        async def bare_round() -> list[float]:
            return [await one(http=False) for _ in range(pauses)]

        measured = await interleaved(scene.pairs, {"the update": bare_round, "over HTTP": http_round}, ["the update"])
    STARTED.clear()
    return [compare("over HTTP", "ms", measured, "over HTTP", "the update", at_most(3), by=difference)]

"""What the API adds to a decision: the request over HTTP, beside the update that it sends.

All end with the update's answer. The client keeps its connection, as one that decides more than once does. Worker and
APIs have processes of their own, as they are served: in this one they would wait for each other's Python.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeAlias

import httpx

from benchmarks.engine.pause import confirm_ours, gated, paused_ours
from benchmarks.harness.clock import seconds
from benchmarks.harness.interval import difference
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.processes import line, running
from benchmarks.harness.rows import Row, at_most, compare
from benchmarks.harness.scene import Ours, Scene

Send: TypeAlias = Callable[[str, str], Awaitable[None]]
"""Decides, and returns when it is answered. It is given a run's id and its question's."""

TITLE = "a pause decided over HTTP, beside the bare update"


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    pauses = scene.times(20, 2)
    workflow = gated()
    async with AsyncExitStack() as stack:
        side = Ours(scene.client, f"ours-{uuid.uuid4()}")
        worker = running("benchmarks.callers.worker", scene.address, side.queue, "ours")
        assert await asyncio.to_thread(line, stack.enter_context(worker)) == "ready"
        apis = {
            "over HTTP": running("benchmarks.callers.api", scene.address, side.queue),
            "by hand over HTTP": running("benchmarks.callers.api_by_hand", scene.address),
        }

        async def bare(run_id: str, requirement_id: str) -> None:
            await confirm_ours(scene.client, run_id, requirement_id)

        senders: dict[str, Send] = {"the update": bare}
        for name, api in apis.items():
            address = await asyncio.to_thread(line, stack.enter_context(api))
            senders[name] = over(await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=60)))

        def round_of(send: Send) -> Round:
            async def one() -> float:
                run_id, requirement_id = await paused_ours(side, workflow)
                took = await seconds(send(run_id, requirement_id))
                await side.result(run_id)
                return 1_000 * took

            async def round() -> list[float]:
                return [await one() for _ in range(pauses)]

            return round

        rounds = {name: round_of(send) for name, send in senders.items()}
        measured = await interleaved(scene.pairs, rounds, ["the update", "by hand over HTTP"])
    return [
        compare("over HTTP", "ms", measured, "over HTTP", "the update", at_most(3), by=difference),
        compare("over HTTP", "ms", measured, "over HTTP", "by hand over HTTP", by=difference),
    ]


def over(http: httpx.AsyncClient) -> Send:
    """Confirm over HTTP."""

    async def confirm(run_id: str, requirement_id: str) -> None:
        answer = await http.post(f"/runs/{run_id}/requirements/{requirement_id}/confirm", json={})
        answer.raise_for_status()

    return confirm

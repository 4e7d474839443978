"""From the end of a step to its event at a client of the stream, with one subscriber, a hundred, a thousand.

Worker and APIs have processes of their own, as they are served: in this one they would wait for each other's Python.
The step returns the moment at which it ended (`told`), and each client notes when it has read its event. What a client
makes of that is no part of this. The CPU is the API's, while subscribers wait for a run that does nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.callers.told import told
from benchmarks.callers.told_by_hand import Told
from benchmarks.engine.pause import confirm_by_hand, confirm_ours
from benchmarks.harness.pairs import Round, interleaved
from benchmarks.harness.processes import line, nanoseconds_of_threads, running
from benchmarks.harness.rows import Measured, Row, at_most, compare
from benchmarks.harness.scene import ByHand, Ours, Scene

TITLE = "events: from a step's end to the client of a stream"

COUNTS = (1, 100, 1_000)


@dataclass(frozen=True, slots=True)
class Telling:
    """A side with its worker and its API, whose process is `api`."""

    side: Ours | ByHand
    address: str
    api: int

    async def latencies(self, subscribers: int, wait: float) -> tuple[list[float], float]:
        """What each subscriber saw, in milliseconds, and what the API took of the CPU while all of them waited, in
        milliseconds for each second."""
        run_id = await self._start()
        waiting = [asyncio.Event() for _ in range(subscribers)]
        reading = [asyncio.create_task(_reads(self.address, run_id, one)) for one in waiting]
        await asyncio.gather(*(one.wait() for one in waiting))
        before = nanoseconds_of_threads(self.api).total()
        await asyncio.sleep(wait)
        taken = (nanoseconds_of_threads(self.api).total() - before) / 1e6
        await self._confirm(run_id)
        return await asyncio.gather(*reading), taken / wait if wait else 0.0

    async def _start(self) -> str:
        if isinstance(self.side, Ours):
            return await self.side.start(told(), "a request")
        return await self.side.start("a request")

    async def _confirm(self, run_id: str) -> None:
        if isinstance(self.side, Ours):
            (asked,) = await self.side.paused(run_id)
            await confirm_ours(self.side.client, run_id, asked.requirement.id)
        else:
            await confirm_by_hand(self.side.client, run_id)


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    alone = scene.times(20, 2)
    async with AsyncExitStack() as stack:
        ours, by_hand = [await stack.enter_async_context(telling(scene, name)) for name in ("ours", "by-hand")]

        def round_of(side: Telling) -> Round:
            async def round() -> list[float]:
                return [took for _ in range(alone) for took in (await side.latencies(1, 0.0))[0]]

            return round

        measured = await interleaved(scene.pairs, {"ours": round_of(ours), "by hand": round_of(by_hand)}, ["by hand"])
        samples = tuple(took for round in measured["ours"] for took in round)
        found: list[Row] = [
            Measured("latency, one subscriber", "ms", samples, at_most(10)),
            compare("latency, one subscriber", "ms", measured, "ours", "by hand"),
        ]
        for count in COUNTS if scene.full else (1, 3):
            taken: list[float] = []
            idle: list[float] = []
            for _ in range(scene.pairs):
                took, cpu = await ours.latencies(count, scene.of(2, 1))
                taken += took
                idle.append(cpu)
            if count > 1:
                found.append(Measured(f"latency, subscribers: {count}", "ms", tuple(taken)))
            found.append(Measured(f"CPU of waiting, subscribers: {count}", "ms/s", tuple(idle)))
    return found


@asynccontextmanager
async def telling(scene: Scene, name: str) -> AsyncIterator[Telling]:
    """A side that works, "ours" or "by-hand"."""
    queue = f"{name}-{uuid.uuid4()}"
    with ExitStack() as stack:
        worker = stack.enter_context(running("benchmarks.callers.worker", scene.address, queue, name))
        assert await asyncio.to_thread(line, worker) == "ready"
        if name == "ours":
            side: Ours | ByHand = Ours(scene.client, queue)
            api = stack.enter_context(running("benchmarks.callers.api", scene.address, queue))
        else:
            side = ByHand(scene.client, queue, Told)
            api = stack.enter_context(running("benchmarks.callers.api_by_hand", scene.address))
        yield Telling(side, await asyncio.to_thread(line, api), api.pid)


async def _reads(address: str, run_id: str, waits: asyncio.Event) -> float:
    """Follow a run over HTTP. Returns how many milliseconds after its step's end that was told."""
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(f"GET {place.path}/runs/{run_id}/events HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
        async for line in reader:
            if line.startswith(b"event: StepPaused"):
                waits.set()
            if line.startswith(b"event: StepCompleted"):
                data = await reader.readline()
                told_at = time.monotonic()
                return 1_000 * (told_at - float(json.loads(data.removeprefix(b"data: "))["content"]))
        raise EOFError(f"the stream of {run_id} ended without its step's end")
    finally:
        writer.close()

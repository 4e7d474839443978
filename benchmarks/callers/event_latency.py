"""From the end of a step to its event at a client of the stream, with one subscriber, a hundred, a thousand.

The step notes when it ends, and each client when it reads `StepCompleted`. All are in this process, so that the clock
is one. The subscribers only look for the event's name: what a client makes of it is no part of this. The CPU is that of
subscribers that wait for a run that does nothing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from agno.workflow import Workflow
from agno.workflow.types import HumanReview, StepInput

from benchmarks.callers.serving import served
from benchmarks.engine.pause import confirm_ours
from benchmarks.harness.rows import Measured, Row, at_most
from benchmarks.harness.scene import Ours, Scene
from benchmarks.harness.steps import step

TITLE = "events: from a step's end to the client of a stream"

ENDED: dict[str, float] = {}
"""When the step of a run ended."""

COUNTS = (1, 100, 1_000)


def told() -> Workflow:
    """A gate, a step that notes when it ends, and one behind it: the events of a run's end come with the whole run."""

    def work(given: StepInput) -> str:
        ENDED[str(given.input)] = time.perf_counter()
        return "done"

    gate = HumanReview(requires_confirmation=True)
    return Workflow(name="told", steps=[step("work", work, human_review=gate), step("more", lambda _: "more")])


async def rows(scene: Scene) -> list[Row]:
    """See `TITLE`."""
    workflow = told()
    found: list[Row] = []
    async with AsyncExitStack() as stack:
        side = await stack.enter_async_context(scene.ours(workflow))
        address = await stack.enter_async_context(served(scene.client, side.queue, workflow))
        await latencies(side, address, workflow, 1, 0.0)
        for count in COUNTS if scene.full else (1, 3):
            taken: list[float] = []
            idle: list[float] = []
            for _ in range(scene.pairs):
                took, cpu = await latencies(side, address, workflow, count, scene.of(2, 0))
                taken += took
                idle.append(cpu)
            found += [
                Measured(f"latency, subscribers: {count}", "ms", tuple(taken), at_most(10) if count == 1 else None),
                Measured(f"CPU of waiting, subscribers: {count}", "ms/s", tuple(idle)),
            ]
    return found


async def latencies(
    side: Ours, address: str, workflow: Workflow, subscribers: int, wait: float
) -> tuple[list[float], float]:
    """What each subscriber saw, and the CPU of this process while all of them waited, both in milliseconds."""
    run_id = await side.start(workflow, key := f"{time.perf_counter_ns()}")
    (asked,) = await side.paused(run_id)
    waiting = [asyncio.Event() for _ in range(subscribers)]
    reading = [asyncio.create_task(_reads(address, run_id, one)) for one in waiting]
    await asyncio.gather(*(one.wait() for one in waiting))
    began = time.process_time()
    await asyncio.sleep(wait)
    cpu = (time.process_time() - began) / wait if wait else 0.0
    await confirm_ours(side.client, run_id, asked.requirement.id)
    seen = await asyncio.gather(*reading)
    ended = ENDED.pop(key)
    return [1_000 * (one - ended) for one in seen], 1_000 * cpu


async def _reads(address: str, run_id: str, waits: asyncio.Event) -> float:
    """Follow a run over HTTP. Returns when its step's end was told."""
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(f"GET {place.path}/runs/{run_id}/events HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
        async for line in reader:
            if line.startswith(b"event: StepPaused"):
                waits.set()
            if line.startswith(b"event: StepCompleted"):
                return time.perf_counter()
        raise EOFError(f"the stream of {run_id} ended without its step's end")
    finally:
        writer.close()

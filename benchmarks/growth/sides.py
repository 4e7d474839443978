"""The sides of a curve: each its worker process, and how it does a job."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from subprocess import Popen
from typing import Any

from temporalio.client import Client

from benchmarks.engine.earlier_outputs_by_hand import Job, LastOutputOnly
from benchmarks.engine.loop_by_hand import Loop, LoopByHand
from benchmarks.engine.pause import confirm_by_hand, confirm_ours, gated, paused_by_hand, paused_ours
from benchmarks.engine.pause_by_hand import Gate
from benchmarks.growth.jobs import looping, row
from benchmarks.growth.worker import OURS, SIDES
from benchmarks.harness.processes import child, cpu, line, running
from benchmarks.harness.scene import ByHand, Ours, Scene


@dataclass(frozen=True, slots=True)
class Side:
    """Runs of one side, and what its worker and the server take for them."""

    name: str
    client: Client
    queue: str
    worker: Popen[str]
    server: int

    @property
    def is_ours(self) -> bool:
        return self.name == OURS

    async def row(self, steps: int, size: int) -> str:
        """Start so many steps that return so many bytes."""
        if self.is_ours:
            return await Ours(self.client, self.queue).start(row(steps, size), "a request")
        return await ByHand(self.client, self.queue, LastOutputOnly).start(Job(steps, size))

    async def loop(self, iterations: int) -> str:
        if self.is_ours:
            return await Ours(self.client, self.queue).start(looping(iterations), "a request")
        return await ByHand(self.client, self.queue, LoopByHand).start(Loop(iterations))

    async def paused(self) -> tuple[str, str]:
        """A run that has told what it asks."""
        if self.is_ours:
            return await paused_ours(Ours(self.client, self.queue), gated())
        return await paused_by_hand(ByHand(self.client, self.queue, Gate))

    async def decide(self, run_id: str, requirement_id: str) -> None:
        """Confirm, and wait for the end."""
        if self.is_ours:
            await confirm_ours(self.client, run_id, requirement_id)
        else:
            await confirm_by_hand(self.client, run_id)
        await self.result(run_id)

    async def result(self, run_id: str) -> Any:
        return await self.client.get_workflow_handle(run_id).result()


@dataclass(slots=True)
class Usage:
    """What a block of code took: seconds by the clock, and of the CPU."""

    side: Side
    wall: float = 0.0
    worker: float = 0.0
    server: float = 0.0

    def __enter__(self) -> Usage:
        self.wall -= time.perf_counter()
        self.worker -= cpu(self.side.worker.pid)
        self.server -= cpu(self.side.server)
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter()
        self.worker += cpu(self.side.worker.pid)
        self.server += cpu(self.side.server)

    def per(self, count: int, unit: str) -> Mapping[str, float]:
        """Milliseconds of the CPU."""
        return {
            f"worker CPU, ms per {unit}": 1_000 * self.worker / count,
            f"server CPU, ms per {unit}": 1_000 * self.server / count,
        }


@asynccontextmanager
async def sides(scene: Scene) -> AsyncIterator[list[Side]]:
    """All of them, with their workers, on one server."""
    server = child("temporal", scene.address.rpartition(":")[2])
    async with AsyncExitStack() as stack:
        found = []
        for name in SIDES:
            queue = f"growth-{uuid.uuid4()}"
            worker = stack.enter_context(running("benchmarks.growth.worker", name, scene.address, queue))
            found.append(Side(name, scene.client, queue, worker, server))
        for side in found:
            assert await asyncio.to_thread(line, side.worker) == "ready"
        yield found

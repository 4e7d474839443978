"""An outage across a deadline: the workers stop, the deadline passes on the server, and workers come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from agno_temporal.contract.manifest import Asked, Manifest
from tests.running.scenes import Scene
from tests.running.tools import HOUR, Clock, deadline_passes, replays
from tests.support import Bench

MARGIN = 3.0
"""Seconds that remain for what is sent in time, once no worker is up."""

Send: TypeAlias = Callable[[str, Asked], Awaitable[None]]


async def nothing(run_id: str, asked: Asked) -> None:
    """Nobody decides."""


async def outage(bench: Bench, clock: Clock, at: Scene, in_time: Send = nothing, late: Send = nothing) -> Manifest:
    """Run a scene whose gate has a deadline of an hour, with no worker from before it until after it.

    Args:
        in_time: Sends what arrives before the deadline.
        late: Sends what arrives after it.

    Returns:
        The run once it has ended, after its history was replayed.
    """
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
    await clock.forward(run_id, HOUR - (0.1 if in_time is nothing else MARGIN))
    await in_time(run_id, asked)
    await deadline_passes(bench.client, run_id)
    await late(run_id, asked)
    async with bench.worker(at.workflow):
        run = await bench.ended(run_id)
    await replays(bench.client, run_id)
    return run

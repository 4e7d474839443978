"""Time that is moved on for one run at a time on the server that all tests share, and a run that waits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from agno_temporal.contract.manifest import Asked
from tests.running.scenes import scene
from tests.running.tools import Clock
from tests.support import Bench


@pytest.fixture
def clock(client: Client) -> Clock:
    return Clock(client)


@pytest.fixture
async def open_gate(bench: Bench) -> AsyncIterator[tuple[str, Asked]]:
    """A run that waits at one confirmation, which asks again when it is rejected; and what it asks."""
    at = scene(requires_confirmation=True, on_reject="retry")
    async with bench.worker(at.workflow):
        run_id = await bench.start(at.workflow)
        [asked] = await bench.paused(run_id)
        yield run_id, asked

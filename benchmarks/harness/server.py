"""The server of a run of the benchmarks, with the flags without which every ratio is an artefact.

Out of the box the development server looks for work twenty times a second, which hides any difference below 50 ms
(docs/design.md, "The development server"). It keeps its data in a file, as a server that is used does.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import Client

from agno_temporal.connect.dev_server import start_dev_server
from benchmarks.harness.scene import Scene


@asynccontextmanager
async def staged(pairs: int = 1, *, full: bool, size: int | None = None, share: float = 1.0) -> AsyncIterator[Scene]:
    """A scene for one benchmark, with a server that nothing else has used."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        async with await start_dev_server(database=home / "temporal.db") as environment:
            address = environment.client.service_client.config.target_host
            yield Scene(await Client.connect(address), address, pairs, full, size, home, share)

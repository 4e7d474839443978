"""Following a run in a test: events are noted as they come, so that a test can wait for one of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agno_temporal import RunClient
from tests.support import eventually


class Followed:
    """What a reader has seen: numbers, and the events' names."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.names: list[str] = []
        self.ended = False

    async def seen(self, name: str, times: int = 1) -> None:
        async def found() -> bool:
            return self.names.count(name) >= times

        await eventually(f"{times} x {name} among {self.names}", found)

    async def end(self) -> None:
        async def ended() -> bool:
            return self.ended

        await eventually(f"the end after {self.names}", ended)

    async def _read(self, events: AsyncIterator[tuple[int, Any]]) -> None:
        async for number, event in events:
            self.numbers.append(number)
            self.names.append(event.event)
        self.ended = True


@asynccontextmanager
async def following(runs: RunClient, run_id: str, after: int = -1) -> AsyncIterator[Followed]:
    """Follow a run while the block lasts. What the reader raises is raised at the end."""
    followed = Followed()
    task = asyncio.create_task(followed._read(runs.events(run_id, after)))
    try:
        yield followed
    finally:
        if task.done():
            task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

"""A client of an event stream, as a browser's `EventSource` is one: it comes back with the last id that it has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support import eventually


@dataclass(frozen=True)
class Frame:
    """One event as it came over the wire. `id` is None where it had none."""

    event: str
    data: Any
    id: int | None = None


async def frames(response: httpx.Response) -> AsyncIterator[Frame]:
    """The events of a stream. Comments are left out."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            number = int(fields["id"]) if "id" in fields else None
            yield Frame(fields["event"], json.loads(fields["data"]), number)
        fields = {}


async def read(http: httpx.AsyncClient, path: str, **headers: str) -> list[Frame]:
    """A whole stream, to its end."""
    async with http.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        return [one async for one in frames(response)]


@dataclass
class Subscriber:
    """What a client has seen so far."""

    seen: list[Frame] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    connections: int = 0
    ended: bool = False

    @property
    def names(self) -> list[str]:
        return [one.event for one in self.seen]

    @property
    def ids(self) -> list[int | None]:
        return [one.id for one in self.seen]

    async def saw(self, name: str, times: int = 1) -> None:
        async def found() -> bool:
            return self.names.count(name) >= times

        await eventually(f"{times} x {name}", found)

    async def end(self) -> None:
        async def ended() -> bool:
            return self.ended

        await eventually(f"the end after {self.names[-5:]}", ended)

    async def run(self, http: httpx.AsyncClient, path: str) -> None:
        """Follow until the server has no more, however often the connection breaks."""
        while not self.ended:
            last = [one.id for one in self.seen if one.id is not None][-1:]
            headers = {"Last-Event-ID": str(last[0])} if last else {}
            try:
                async with http.stream("GET", path, headers=headers) as response:
                    self.connections += 1
                    self.ended = response.status_code == 204
                    assert response.status_code in (200, 204), await response.aread()
                    async for one in frames(response):
                        if one.event in ("end", "error"):
                            self.ends.append(one.data.get("reason") or one.data["type"])
                        else:
                            self.seen.append(one)
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


@asynccontextmanager
async def subscribed(http: httpx.AsyncClient, path: str, count: int = 1) -> AsyncIterator[list[Subscriber]]:
    """So many subscribers while the block lasts. What one raises is raised at the end."""
    subscribers = [Subscriber() for _ in range(count)]
    tasks = [asyncio.create_task(one.run(http, path)) for one in subscribers]
    try:
        yield subscribers
    finally:
        for task in tasks:
            if task.done():
                task.result()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

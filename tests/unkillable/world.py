"""A Temporal server on a file, a worker and an API, each of which can be killed and started again.

They are shared by many cases, as in life: what is not killed goes on, and who comes back finds what was there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path

from agno.db.sqlite import SqliteDb
from temporalio.client import Client

from tests.crash.processes import ServerProcess, server_on_file
from tests.ports import lasting_port
from tests.unkillable.nursery import Birth, Nursery


class Victim(Enum):
    WORKER = "worker"
    API = "api"
    SERVER = "server"
    ALL = "all"

    def includes(self, other: Victim) -> bool:
        return self in (other, Victim.ALL)


class World:
    """Use `world`."""

    def __init__(self, directory: Path, server: ServerProcess, nursery: Nursery) -> None:
        self.directory = directory
        self.client: Client
        self._server = server
        self._nursery = nursery
        self._queue = f"unkillable-{uuid.uuid4()}"
        self._port = lasting_port()
        self._children: dict[Victim, int] = {}
        self._continue_after: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def db(self) -> SqliteDb:
        return SqliteDb(db_file=str(self.directory / "agno.db"))

    async def start(self) -> None:
        self.client = await self._server.start()
        for kind in (Victim.WORKER, Victim.API):
            self._bear(kind)

    async def continues_after(self, events: int | None) -> None:
        """Runs that are opened from now on go on in a new Temporal run after so many events."""
        if events != self._continue_after:
            self._continue_after = events
            self.kill(Victim.WORKER)
            await self.revive(Victim.WORKER)

    def kill(self, victim: Victim) -> float:
        """SIGKILL: no handler runs, nothing is flushed. Returns the moment."""
        at = time.time()
        for kind, child in self._children.items():
            if victim.includes(kind):
                os.kill(child, signal.SIGKILL)
        if victim.includes(Victim.SERVER):
            self._server.kill()
        return at

    async def revive(self, victim: Victim) -> None:
        """Start again what was killed, all at once."""
        for kind in [kind for kind in self._children if victim.includes(kind)]:
            await asyncio.to_thread(self._nursery.bury, self._children[kind])
            await asyncio.to_thread(self._bear, kind)
        if victim.includes(Victim.SERVER):
            await self._server.start()

    def close(self) -> None:
        self._nursery.close()

    def _bear(self, kind: Victim) -> None:
        place = (self._server.address, self._queue, str(self.directory), self._port)
        self._children[kind] = self._nursery.bear(Birth(kind.value, *place, self._continue_after))


@asynccontextmanager
async def world(directory: Path) -> AsyncIterator[World]:
    """A world for the length of a block, with what it leaves in this directory."""
    with server_on_file(directory) as server:
        made = World(directory, server, Nursery())
        try:
            await made.start()
            yield made
        finally:
            made.close()

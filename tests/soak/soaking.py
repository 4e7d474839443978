"""Many open pauses, decided at a steady rate for a long time, while workers are killed.

What leaks shows only after a while, and what is lost in one kill of a hundred only after a hundred. So as many pauses
are kept open all the time, one is opened for each that is decided, and everything that was sent is counted: each
decision must have been taken, each run have ended with it, and each step behind a gate have run. A worker that is never
killed says whether memory stays what it was.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median

from temporalio.client import Client

from agno_temporal import RunClient
from agno_temporal.agno_bridge.request import request_of
from agno_temporal.client import NoWorker, OutcomeUnknown
from agno_temporal.contract.manifest import Manifest
from agno_temporal.hitl import Action, Decision
from tests.crash.processes import WorkerProcess, server_on_file
from tests.soak.workflows import JOURNAL, workflow

AT_ONCE = 50
"""Requests under way."""

PATIENCE = 10
"""How often a run is asked again that nobody answered for."""

SAMPLES = 60
"""How often memory is looked at."""


@dataclass
class Soaked:
    """What came of it.

    Attributes:
        megabytes: Of the worker that was never killed, from the moment on at which all pauses were open.
        lost: What was sent and is not there, one line each.
    """

    opened: int = 0
    decided: int = 0
    sent_again: int = 0
    kills: int = 0
    seconds: float = 0.0
    megabytes: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """The memory of the last quarter, by that of the second; the first one fills caches."""
        quarter = len(self.megabytes) // 4
        return median(self.megabytes[-quarter:]) / median(self.megabytes[quarter : 2 * quarter])

    def __str__(self) -> str:
        return (
            f"{self.opened} pauses opened, {self.decided} decided in {self.seconds:.0f} s "
            f"({self.decided / self.seconds:.1f} a second), {self.sent_again} sent again, {self.kills} workers killed, "
            f"{len(self.lost)} lost; memory of a worker {self.megabytes[0]:.0f} to {self.megabytes[-1]:.0f} MB, "
            f"last quarter by second {self.growth:.2f}"
        )


async def soak(directory: Path, *, pauses: int, seconds: float, kill_every: float) -> Soaked:
    """Keep `pauses` open, decide all of them once in `seconds`, and kill a worker every so many seconds."""
    os.environ[JOURNAL] = str(directory / "journal")
    with server_on_file(directory) as server:
        client = await server.start()
        soaking = _Soaking(server.address, client)
        try:
            await soaking.begin(pauses)
            await soaking.steadily(pauses, seconds, kill_every)
            await soaking.count(directory / "journal")
        finally:
            soaking.close()
    return soaking.soaked


class _Soaking:
    def __init__(self, address: str, client: Client) -> None:
        self.soaked = Soaked()
        self._address = address
        self._queue = "soak"
        self._runs = RunClient(client, self._queue)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._open: deque[str] = deque()
        self._decided: dict[str, str] = {}
        self._workers: list[WorkerProcess] = []

    async def begin(self, pauses: int) -> None:
        """Two workers, and all pauses open."""
        for _ in range(2):
            self._workers.append(await self._worker().start())
        await asyncio.gather(*(self._opened() for _ in range(pauses)))

    async def steadily(self, pauses: int, seconds: float, kill_every: float) -> None:
        """One is decided and one is opened, at even distances."""
        began = time.monotonic()
        killing = asyncio.create_task(self._kill(kill_every))
        watching = asyncio.create_task(self._watch(seconds / SAMPLES))
        under_way: set[asyncio.Task[None]] = set()
        try:
            for number in range(pauses):
                await asyncio.sleep(began + number * seconds / pauses - time.monotonic())
                task = asyncio.create_task(self._next(self._open.popleft()))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.gather(*under_way)
        finally:
            for task in (killing, watching):
                task.cancel()
            await asyncio.gather(killing, watching, return_exceptions=True)
        self.soaked.seconds = time.monotonic() - began

    async def count(self, journal: Path) -> None:
        """What was decided has ended so, and what was not waits."""
        await asyncio.gather(*(self._look(run_id) for run_id in [*self._decided, *self._open]))
        ran = set((await asyncio.to_thread(journal.read_text)).split())
        self.soaked.lost += [f"{run_id}: the step behind its gate never ran" for run_id in self._decided.keys() - ran]
        self.soaked.lost += [f"{run_id}: ran without a decision" for run_id in ran - self._decided.keys()]

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()

    def _worker(self) -> WorkerProcess:
        return WorkerProcess(self._address, self._queue, "tests.soak.workflows:plugin")

    async def _opened(self) -> None:
        run_id = f"run-{uuid.uuid4()}"
        async with self._room:
            await self._runs.start("soaked", request_of(workflow(), run_id), run_id)
            await self._settled(run_id)
        self._open.append(run_id)
        self.soaked.opened += 1

    async def _next(self, run_id: str) -> None:
        await self._decide(run_id)
        await self._opened()

    async def _decide(self, run_id: str) -> None:
        """Until it is answered, with the same decision id. Nobody answers for as long as a kill costs."""
        decision_id = f"decision-{uuid.uuid4()}"
        async with self._room:
            while True:
                try:
                    (asked,) = (await self._runs.manifest(run_id)).asked
                    requirement_id = asked.requirement.id
                    decision = Decision(requirement_id, Action.CONFIRM, decided_by="ana", decision_id=decision_id)
                    await self._runs.decide(run_id, decision, timedelta(seconds=10))
                    break
                except (NoWorker, OutcomeUnknown):
                    self.soaked.sent_again += 1
        self._decided[run_id] = decision_id
        self.soaked.decided += 1

    async def _kill(self, every: float) -> None:
        """The second worker, again and again; a new one is there before."""
        while True:
            await asyncio.sleep(every)
            self._workers.append(await self._worker().start())
            self._workers.pop(1).kill()
            self.soaked.kills += 1

    async def _watch(self, every: float) -> None:
        while True:
            self.soaked.megabytes.append(_megabytes(self._workers[0].pid))
            await asyncio.sleep(every)

    async def _look(self, run_id: str) -> None:
        async with self._room:
            manifest = await self._settled(run_id)
        (asked,) = manifest.asked
        decision = asked.resolution.decision.decision_id if asked.resolution else None
        wanted = ("COMPLETED", self._decided[run_id]) if run_id in self._decided else ("PAUSED", None)
        if (manifest.status, decision) != wanted:
            self.soaked.lost.append(f"{run_id}: is {manifest.status} by {decision}, and should be {wanted}")

    async def _settled(self, run_id: str) -> Manifest:
        """Thousands are asked that are in no worker's memory: some wait their turn for longer than a caller would."""
        for _ in range(PATIENCE):
            with suppress(NoWorker):
                return await self._runs.wait(run_id)
        return await self._runs.wait(run_id)


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

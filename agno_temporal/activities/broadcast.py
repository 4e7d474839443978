"""What executors say right now, for readers in the same process.

A step's events are durable once it is done, and a model may talk for a minute before. So what a step has said so far is
open to whoever follows the run in this process: a development server, an embedded runtime, an API with a worker beside
it. It has no numbers yet and is told once more to nobody: the same events become durable with the step's result, under
the same attempt, and a reader skips as many as it was shown (`follow.previews`). What a worker said that then died is
forgotten with it.

A process may have workers of several namespaces, or servers, and callers choose the ids of runs: so a run is told by
all three.

agno's own `BaseEventStream` is no help here: it gives numbers of its own, and needs its server's libraries.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias

from temporalio.client import Client

from agno_temporal.plan.data import Json

Run: TypeAlias = tuple[str, str, str]
"""A run of this process: the server's address, the namespace, and the run's id."""


def run_of(client: Client, run_id: str) -> Run:
    return client.service_client.config.target_host, client.namespace, run_id


@dataclass(frozen=True, slots=True)
class Saying:
    """What one attempt of a step has said so far: `events` grows while it runs."""

    attempt: int
    events: Sequence[Json]


class Broadcast:
    """The steps that talk in this process, and the readers of their runs. Steps may talk from any thread."""

    def __init__(self) -> None:
        self._steps: dict[tuple[Run, str], Saying] = {}
        self._listeners: dict[Run, list[Listener]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def talking(self, run: Run, activity_id: str, saying: Saying) -> Iterator[None]:
        """A step of the run talks for the length of the block."""
        key = (run, activity_id)
        with self._lock:
            self._steps[key] = saying
        try:
            yield
        finally:
            with self._lock:
                if self._steps.get(key) is saying:
                    del self._steps[key]

    def tell(self, run: Run) -> None:
        """A step of the run has said something."""
        with self._lock:
            listeners = tuple(self._listeners.get(run, ()))
        for listener in listeners:
            listener.wake()

    @contextmanager
    def listening(self, run: Run) -> Iterator[Listener]:
        """Listen to a run for the length of the block."""
        listener = Listener(self, run)
        with self._lock:
            self._listeners.setdefault(run, []).append(listener)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners[run].remove(listener)
                if not self._listeners[run]:
                    del self._listeners[run]

    def saying(self, run: Run, activity_id: str) -> Saying | None:
        """What a step says now; None where it does not run here."""
        with self._lock:
            return self._steps.get((run, activity_id))


class Listener:
    """One reader of a run, on its own event loop."""

    def __init__(self, broadcast: Broadcast, run: Run) -> None:
        self._broadcast = broadcast
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._heard = asyncio.Event()

    def wake(self) -> None:
        """Called from within a step, which a reader who closed the loop and left must not break."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._heard.set)

    async def heard(self) -> None:
        """Wait until something was said since the last time."""
        await self._heard.wait()
        self._heard.clear()

    def saying(self, activity_id: str) -> Saying | None:
        return self._broadcast.saying(self._run, activity_id)


BROADCAST = Broadcast()
"""One for the process: a worker and a reader need not know each other."""

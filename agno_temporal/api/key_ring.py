"""Knowing keys without asking the store for each request, and forgetting revoked ones within seconds.

All keys are read at once and kept for a moment, so that a stranger's thousand guesses cost no query, and a revocation
made anywhere is known everywhere once the moment is over. A key that is not there may be new: whoever sends it waits
until they are read again, which is done a few times a second at most.

A store that is down for a minute stops nobody: without it, nobody can revoke a key either. After that the answer is
503, never "no such key", since the caller's key may be as good as it ever was.
"""

from __future__ import annotations

import asyncio
import logging
import time

from agno_temporal.agno_bridge.database_errors import DatabaseSilent
from agno_temporal.api.key_stores import KeyStore
from agno_temporal.api.keys import ApiKey, id_of

FRESH = 2.0
"""Seconds for which what was read is believed: how long a revoked key may still work."""

AGAIN = 0.2
"""Seconds between two readings for keys that are not there."""

GRACE = 60.0
"""Seconds for which keys are known without their store."""

PATIENCE = 5.0
"""Seconds that the store may take to answer."""

BRIEFLY = 0.5
"""Seconds that a caller waits for it where keys were read lately."""

USED_EVERY = 60
"""Seconds between two notes that a key is used."""

logger = logging.getLogger("agno_temporal")


class NoAnswer(ConnectionError):
    """Whether a key is right cannot be said now."""


class KeyRing:
    """The keys of a store, as this process knows them."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: dict[str, ApiKey] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None
        self._noted: dict[str, float] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def key(self, token: str) -> ApiKey | None:
        """The key that this is, be it live or not; None where it is none.

        Raises:
            NoAnswer: The store has not answered for a while.
        """
        key_id = id_of(token)
        if key_id is None:
            return None
        await self._renew(FRESH)
        if key_id not in self._keys:
            await asyncio.sleep(max(0.0, self._tried_at + AGAIN - time.monotonic()))
            await self._renew(AGAIN)
        key = self._keys.get(key_id)
        return key if key is not None and key.is_of(token) else None

    def used(self, key: ApiKey) -> None:
        """Have it noted that the key was used, beside the request."""
        now = time.time()
        if now - max(self._noted.get(key.id, 0.0), key.last_used_at or 0) < USED_EVERY:
            return
        self._noted[key.id] = now
        task = asyncio.ensure_future(self._note(key.id))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _note(self, key_id: str) -> None:
        try:
            await asyncio.wait_for(self._store.used(key_id), PATIENCE)
        except DatabaseSilent:
            pass  # It was said of the note before.
        except Exception as error:
            logger.warning("the use of API key %s could not be noted: %r", key_id, error)

    async def _renew(self, age: float) -> None:
        """Have the keys read, unless that was done, or tried, so many seconds ago. All who wait share one reading."""
        now = time.monotonic()
        if self._reading is None or (self._reading.done() and now - self._tried_at >= age):
            self._tried_at = now
            self._reading = asyncio.ensure_future(self._read())
        is_known = now - self._read_at < GRACE
        await asyncio.wait([self._reading], timeout=BRIEFLY if is_known else PATIENCE)
        if time.monotonic() - self._read_at >= GRACE:
            raise NoAnswer("The API keys cannot be read at the moment.")

    async def _read(self) -> None:
        begun = time.monotonic()
        try:
            self._keys = {key.id: key for key in await asyncio.wait_for(self._store.load(), PATIENCE)}
            self._read_at = begun
        except DatabaseSilent:
            pass  # It was said of the reading before, and is so again when another is given up.
        except Exception as error:
            logger.error("API keys could not be read: %r", error)

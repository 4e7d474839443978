"""The public keys of an issuer of tokens: read from a file or a URL, kept for a while, and read again for a new one.

Anybody can send a token that names a key that there is not. If each were asked for, our server would be a way to load
the issuer's; so they are read again at most once in a while, by one request for all that wait. And whoever names a key
that is known does not wait long for it: an issuer that hangs would else hold up every caller.

Only public keys count. A set that holds a shared secret as well (`kty` "oct") would let whoever can read it sign, and a
token that names "HS256" would be checked with a public key for its secret: such keys are left out, and the algorithms
that are allowed are all asymmetric (`tokens`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from agno_temporal.api.addresses import is_loopback
from agno_temporal.connect.settings import BadSetting

MAX_BYTES = 1_000_000

TIMEOUT = 5.0
"""Seconds that the issuer may take to answer."""

BRIEFLY = 0.5
"""Seconds that a reading may hold up a caller whose key is known."""

STALE = 3600.0
"""Seconds for which keys are believed although nobody answers."""

logger = logging.getLogger("agno_temporal")


class BadKeySet(BadSetting):
    """This cannot be where keys are. The message says why."""


class NoKeySet(ConnectionError):
    """The keys cannot be read, and those that were known are too old."""


class KeySet:
    """An issuer's keys.

    Args:
        read: Reads the set, as JSON (RFC 7517).
        fresh: Seconds for which what was read is believed.
        again: Seconds between two readings for a key that is not there.
    """

    def __init__(self, read: Callable[[], Awaitable[bytes]], fresh: float, again: float) -> None:
        self._read = read
        self._fresh = fresh
        self._again = again
        self._keys: list[dict[str, Any]] = []
        self._read_at = self._tried_at = float("-inf")
        self._reading: asyncio.Future[None] | None = None

    async def key(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """The key of a token, to be used with its algorithm; None where there is none.

        A token that names no key is checked with the only one there is.

        Raises:
            NoKeySet: The keys cannot be read, and were not for a long time.
        """
        is_known = self._found(key_id, algorithm) is not None
        await self._renew(self._fresh, BRIEFLY if is_known else TIMEOUT)
        found = self._found(key_id, algorithm)
        if found is None:
            await self._renew(self._again, TIMEOUT)
            found = self._found(key_id, algorithm)
        return found

    def _found(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        keys = [one for one in self._keys if key_id is None or one.get("kid") == key_id]
        keys = [one for one in keys if one.get("alg") in (None, algorithm)]
        if len(keys) != 1:
            return None
        try:
            return PyJWK(keys[0], algorithm=algorithm)
        except PyJWTError:
            return None  # A key of another kind than the algorithm's.

    async def _renew(self, age: float, patience: float) -> None:
        """Have the set read, unless that was done, or tried, so many seconds ago. All who wait share one reading."""
        now = time.monotonic()
        if self._reading is None or (self._reading.done() and now - self._tried_at >= age):
            self._tried_at = now
            self._reading = asyncio.ensure_future(self._read_now())
        await asyncio.wait([self._reading], timeout=patience)
        if time.monotonic() - self._read_at >= STALE:
            raise NoKeySet("The keys that tokens are checked with cannot be read at the moment.")

    async def _read_now(self) -> None:
        begun = time.monotonic()
        try:
            self._keys = usable(await self._read())
            self._read_at = begun
        except (OSError, ValueError, httpx.HTTPError) as error:
            logger.error("the keys that tokens are checked with could not be read: %r", error)


def key_set(place: str) -> KeySet:
    """The keys at a URL, or in a file.

    Raises:
        BadKeySet: The URL is not one to be trusted, or there is no such file, or no key in it.
    """
    if "://" not in place:
        path = Path(place)
        try:
            usable(path.read_bytes())
        except OSError as error:
            raise BadKeySet(f"The key set {place} cannot be read: {error.strerror}.") from error
        return KeySet(lambda: asyncio.to_thread(path.read_bytes), fresh=2.0, again=2.0)
    url = urlsplit(place)
    if not url.hostname or url.scheme not in ("https", "http") or url.username is not None:
        raise BadKeySet(f"{place!r} is neither a file nor a URL with https.")
    if url.scheme == "http" and not is_loopback(url.hostname):
        raise BadKeySet(f"{place!r} is read without TLS: who answers in its place would sign for everybody. Use https.")
    return KeySet(lambda: _fetched(place), fresh=300.0, again=30.0)


def usable(content: bytes) -> list[dict[str, Any]]:
    """The public keys for signatures in a set.

    Raises:
        BadKeySet: It is no set, or has none.
    """
    try:
        keys = json.loads(content)["keys"]
        found = [one for one in keys if one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadKeySet(f"This is no key set (RFC 7517): {error!r}.") from error
    if not found:
        raise BadKeySet("The key set has no public key for signatures (kty RSA, EC or OKP).")
    return found


async def _fetched(url: str) -> bytes:
    """A redirect is not followed: it could lead anywhere. httpx bounds each read, and not all of them."""
    content = b""
    async with (
        asyncio.timeout(TIMEOUT),
        httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client,
        client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
    ):
        if answer.status_code != 200:
            raise BadKeySet(f"{url} answered {answer.status_code}.")
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > MAX_BYTES:
                raise BadKeySet(f"{url} has more than {MAX_BYTES} bytes.")
    return content

"""Credentials: `Authorization: Bearer`, with an API key or a token.

One header and one form. A credential in an address ends up in logs, one in a cookie is sent by any page that a browser
shows, and two in one request let a proxy check the one and us the other.

Wrong credentials are counted for each address. One that fails too often is told to wait, but a right credential is
always taken: else a neighbour behind the same address could lock everybody there out.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from starlette.requests import HTTPConnection

from agno_temporal.api.addresses import Network, client_address
from agno_temporal.api.key_ring import KeyRing, NoAnswer
from agno_temporal.api.key_sets import NoKeySet
from agno_temporal.api.keys import PREFIX
from agno_temporal.api.principals import Principal
from agno_temporal.api.problems import RETRY_AFTER, Problem
from agno_temporal.api.rates import Buckets, Rate
from agno_temporal.api.tokens import BadToken, Tokens

FAILURES = Rate(per_second=0.2, burst=20)
"""Wrong credentials of one address."""

CHALLENGE = 'Bearer realm="agno-temporal"'


class Credentials:
    """Knows callers by their API keys, their tokens, or either.

    Args:
        failures: How many wrong credentials an address may send.
        trusted: The networks of proxies whose `X-Forwarded-For` is believed, for this count alone.
    """

    def __init__(
        self,
        keys: KeyRing | None = None,
        tokens: Tokens | None = None,
        *,
        failures: Rate = FAILURES,
        trusted: Sequence[Network] = (),
    ) -> None:
        if keys is None and tokens is None:
            raise ValueError("Without keys and tokens, nobody could ever be known.")
        self._keys = keys
        self._tokens = tokens
        self._failures = Buckets(failures)
        self._trusted = tuple(trusted)

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            Problem: 401, nobody whom the server knows. 429, and too often. 503, that cannot be said now.
        """
        said = connection.headers.getlist("authorization")
        if not said:
            raise _unknown("Send an API key or a token: `Authorization: Bearer ...`.", CHALLENGE)
        try:
            return await self._known(said)
        except BadToken as error:
            self._count(connection)
            raise _unknown(str(error), f'{CHALLENGE}, error="invalid_token"') from error
        except (NoAnswer, NoKeySet) as error:
            detail = f"{error} Nothing is wrong with the request; send it again."
            raise Problem(503, "credentials-unavailable", detail, headers=RETRY_AFTER) from error

    async def _known(self, said: Sequence[str]) -> Principal:
        scheme, _, token = said[0].strip().partition(" ")
        if len(said) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise BadToken("The request must have one `Authorization: Bearer ...`, and nothing else in it.")
        token = token.strip()
        if token.startswith(PREFIX):
            return await self._of_key(token)
        if self._tokens is None:
            raise BadToken("This is no API key, and tokens are not taken here.")
        return await self._tokens.principal(token)

    async def _of_key(self, token: str) -> Principal:
        """Only whoever has the whole key is told that it was once right."""
        if self._keys is None:
            raise BadToken("API keys are not taken here.")
        key = await self._keys.key(token)
        if key is None:
            raise BadToken("There is no such API key.")
        if (state := key.state(time.time())) != "live":
            raise BadToken(f"The API key is {state}.")
        self._keys.used(key)
        return key.principal

    def _count(self, connection: HTTPConnection) -> None:
        peer = connection.client.host if connection.client else None
        address = client_address(peer, connection.headers.getlist("x-forwarded-for"), self._trusted)
        if wait := self._failures.take(address, time.monotonic()):
            raise limited("Too many wrong credentials came from this address. A right one is taken at any time.", wait)


def limited(detail: str, wait: float) -> Problem:
    return Problem(429, "rate-limited", detail, headers={"Retry-After": str(math.ceil(wait))})


def _unknown(detail: str, challenge: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})

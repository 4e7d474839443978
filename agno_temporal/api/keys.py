"""API keys: what one looks like, what is kept of it, and when it counts.

A key is shown once, when it is made. What is kept is its digest, so that whoever reads the store, or a backup of it,
can call nothing. The secret has 256 random bits. Nobody guesses that, so a plain SHA-256 is right: a slow hash protects
passwords, which people choose, and here it would only let strangers burn our processor. Digests are compared in
constant time, so that how long a refusal takes says nothing about how much of it was right.

The id is in the key, so that one is found without trying all. Letters are Base32 in lower case: a double click selects
the whole, and scanners for leaked secrets find it by its shape.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from agno_temporal.api.principals import Principal, Scope
from agno_temporal.connect.settings import BadSetting

PREFIX = "agt_"

_TOKEN = re.compile(r"agt_([a-z2-7]{12})_[a-z2-7]{52}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


class BadKey(BadSetting):
    """A key cannot be made like this."""


@dataclass(frozen=True)
class ApiKey:
    """What is kept of a key. Moments are in seconds since the epoch.

    Attributes:
        name: Who it is, as decisions show it: `key:<name>`.
        digest: SHA-256 of the whole key.
        user_id: Whose runs it starts and sees where users are isolated.
    """

    id: str
    name: str
    digest: str
    scopes: frozenset[Scope]
    created_at: int
    user_id: str | None = None
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None

    @property
    def principal(self) -> Principal:
        return Principal(f"key:{self.name}", self.scopes, self.user_id)

    def is_of(self, token: str) -> bool:
        """Whether this very key was presented."""
        return hmac.compare_digest(self.digest, digest_of(token))

    def state(self, now: float) -> str:
        """`live`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and now >= self.expires_at else "live"


def new_key(
    name: str,
    scopes: Iterable[Scope],
    now: float,
    *,
    user_id: str | None = None,
    expires_at: float | None = None,
    known: Iterable[ApiKey] = (),
) -> tuple[ApiKey, str]:
    """A key, and the text of it that is never seen again.

    A name may have several keys, so that one is replaced without a gap; they are then the same user's.

    Args:
        known: The keys there are.

    Raises:
        BadKey: Says what is wrong.
    """
    granted = frozenset(scopes)
    if not _NAME.fullmatch(name):
        raise BadKey(f"The name {name!r} is not 1 to 64 letters, digits, '.', '_', '@', '+' or '-', a letter first.")
    if not granted:
        raise BadKey(f"A key without scopes may do nothing. Give it some of {', '.join(Scope)}.")
    if user_id is not None and (not user_id.strip() or not user_id.isprintable()):
        raise BadKey(f"The user id {user_id!r} is empty, or not printable.")
    if expires_at is not None and expires_at <= now:
        raise BadKey("The key would have expired before it is made.")
    for other in known:
        if other.name == name and other.state(now) == "live" and other.user_id != user_id:
            raise BadKey(
                f"{name!r} is the name of key {other.id}, which belongs to {_whose(other.user_id)}, and this one would "
                f"belong to {_whose(user_id)}. A name is one actor: choose another, or revoke that key."
            )
    key_id = _letters(secrets.token_bytes(8))[:12]
    token = f"{PREFIX}{key_id}_{_letters(secrets.token_bytes(32))}"
    expiry = None if expires_at is None else int(expires_at)
    return ApiKey(key_id, name, digest_of(token), granted, int(now), user_id, expiry), token


def id_of(token: str) -> str | None:
    """The id in a key; None where it is no key."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else None


def is_id(text: str) -> bool:
    """Whether it has the form of an id: the name of a file may be made of it."""
    return re.fullmatch(r"[a-z2-7]{12}", text) is not None


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _letters(random: bytes) -> str:
    return base64.b32encode(random).decode().rstrip("=").lower()


def _whose(user_id: str | None) -> str:
    return "no user" if user_id is None else f"user {user_id!r}"

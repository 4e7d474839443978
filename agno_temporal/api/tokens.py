"""Bearer tokens of an issuer (JWT): what one must have to count, and who its bearer is.

A token says itself how it is to be checked, so nothing that it says is taken before it is checked by our own rules: its
algorithm is one of ours, and all of them are asymmetric ("none" checks nothing, and "HS256" would take the issuer's
public key for a secret); its key is the issuer's, by id, never one that the token brings or points to; it ends, it is
from our issuer, and it is for us. A token for another service of the same issuer is no key to this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    MissingRequiredClaimError,
    PyJWTError,
)

from agno_temporal.api.key_sets import KeySet
from agno_temporal.api.principals import Principal, Scope

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those that can be allowed: whoever can check a signature cannot make one."""

SCOPE_CLAIMS: Final = ("scope", "scopes", "scp", "permissions")
"""Where issuers write what a token allows, as a list or as words with spaces between."""

MAX_TOKEN = 16_000
"""Characters of a token."""

MAX_ID = 200
"""Characters of a user's id."""


class BadToken(ValueError):
    """The token does not count. The message says why, and nothing that the bearer does not know."""


@dataclass(frozen=True)
class TokenRules:
    """What a token must be.

    Attributes:
        audiences: One of these must be among the token's.
        leeway: How far our clock and the issuer's may differ.
        user_claim: Who the user is, where runs are a user's.
        scopes: What each of the issuer's words allows here.
    """

    issuer: str
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...] = ("RS256", "ES256", "EdDSA")
    leeway: timedelta = timedelta(seconds=30)
    user_claim: str = "sub"
    scopes: Mapping[str, Scope] = field(default_factory=lambda: {scope.value: scope for scope in Scope})

    def __post_init__(self) -> None:
        """
        Raises:
            ValueError: Tokens could not be told from anybody's.
        """
        if not self.issuer or not self.audiences or not all(self.audiences):
            raise ValueError("Tokens need an issuer and an audience: without both, a token for anything would do here.")
        if wrong := [one for one in self.algorithms if one not in ALGORITHMS]:
            raise ValueError(f"{wrong[0]!r} is not one of the algorithms {', '.join(ALGORITHMS)}.")
        if not self.algorithms:
            raise ValueError("No algorithm is allowed, so that no token could ever be right.")
        if self.leeway > timedelta(minutes=5):
            raise ValueError("More than 5 minutes of leeway keeps tokens alive that have ended. Set the clocks.")


class Tokens:
    """Checks tokens of one issuer."""

    def __init__(self, rules: TokenRules, keys: KeySet) -> None:
        self._rules = rules
        self._keys = keys

    async def principal(self, token: str) -> Principal:
        """The bearer: `user:<sub>`.

        Raises:
            BadToken: Nobody.
            NoKeySet: That cannot be said now.
        """
        if len(token) > MAX_TOKEN:
            raise BadToken("The token is too long.")
        claims = await self._checked(token)
        subject = _identity(claims, "sub")
        user_id = _identity(claims, self._rules.user_claim)
        granted = {self._rules.scopes[word] for word in words_of(claims) if word in self._rules.scopes}
        return Principal(f"user:{subject}", frozenset(granted), user_id)

    async def _checked(self, token: str) -> Mapping[str, Any]:
        rules = self._rules
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid")
            if algorithm not in rules.algorithms:
                raise BadToken("The token is signed with an algorithm that is not allowed here.")
            key = await self._keys.key(key_id, algorithm)
            if key is None:
                raise BadToken("The token is signed with a key that its issuer does not have.")
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=rules.issuer,
                audience=list(rules.audiences),
                leeway=rules.leeway,
                options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
            )
        except PyJWTError as error:
            raise BadToken(_reason(error)) from error
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise error if isinstance(error, BadToken) else BadToken("This is no token.") from error


def words_of(claims: Mapping[str, Any]) -> Iterable[str]:
    """All that a token allows, in the issuer's words."""
    for name in SCOPE_CLAIMS:
        said = claims.get(name)
        words = said.split() if isinstance(said, str) else said if isinstance(said, list) else ()
        yield from (word for word in words if isinstance(word, str))


def _identity(claims: Mapping[str, Any], name: str) -> str:
    said = claims.get(name)
    if not isinstance(said, str) or not said.strip() or not said.isprintable() or len(said) > MAX_ID:
        raise BadToken(f"The token's {name!r} is not 1 to {MAX_ID} printable characters.")
    return said


def _reason(error: PyJWTError) -> str:
    match error:
        case ExpiredSignatureError():
            return "The token has expired."
        case ImmatureSignatureError():
            return "The token is not valid yet."
        case InvalidAudienceError():
            return "The token is not for this service."
        case InvalidIssuerError():
            return "The token is from another issuer."
        case MissingRequiredClaimError():
            return f"The token has no {error.claim!r}."
    return "The token is not valid."

"""Bearer tokens: which one counts, and who its bearer is."""

from __future__ import annotations

import base64
import hmac
import json
import time
import warnings
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agno_temporal.api.key_sets import key_set
from agno_temporal.api.principals import Principal, Scope
from agno_temporal.api.tokens import BadToken, TokenRules, Tokens
from tests.api.issuer import AUDIENCE, ISSUER, Signer, ordinary, published

RULES = TokenRules(ISSUER, (AUDIENCE,))
RSA, EC, STRANGER = Signer("rsa"), Signer("ec", "ES256"), Signer("rsa")
WEAK = Signer("weak", bits=1024)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "jwks.json"
    file.write_bytes(published(RSA, EC, WEAK))
    return file


def checking(keys: Path, **rules: Any) -> Tokens:
    return Tokens(replace(RULES, **rules), key_set(str(keys)))


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(content if isinstance(content, bytes) else json.dumps(content).encode()).decode()


def unsigned(**header: Any) -> str:
    """A token with an empty signature."""
    return f"{part({'kid': 'rsa', **header})}.{part(ordinary())}.".replace("=", "")


def confused() -> str:
    """A token whose secret is the issuer's public key."""
    secret = RSA.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = unsigned(alg="HS256")[:-1]
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}".replace("=", "")


def weak() -> str:
    with warnings.catch_warnings(action="ignore"):
        return WEAK.token()


@pytest.mark.parametrize("signer", [RSA, EC])
async def test_a_token_of_the_issuer_for_us_counts(keys: Path, signer: Signer):
    known = await checking(keys).principal(signer.token(scope="read decide"))
    assert known == Principal("user:ana", frozenset({Scope.READ, Scope.DECIDE}), "ana")


NOW = int(time.time())
REFUSED = {
    "expired": RSA.token(exp=NOW - 120),
    "endless": RSA.token(exp=None),
    "of-the-future": RSA.token(nbf=NOW + 3600),
    "issued-in-the-future": RSA.token(iat=NOW + 3600),
    "for-another-service": RSA.token(aud="elsewhere"),
    "for-nobody": RSA.token(aud=None),
    "of-another-issuer": RSA.token(iss="https://evil.example.org"),
    "of-no-issuer": RSA.token(iss=None),
    "of-nobody": RSA.token(sub=None),
    "of-an-empty-name": RSA.token(sub="  "),
    "of-a-number": RSA.token(sub=1),
    "of-an-unprintable-name": RSA.token(sub="ana\x00"),
    "of-a-very-long-name": RSA.token(sub="a" * 201),
    "of-an-endless-expiry": RSA.token(exp=float("inf")),
    "signed-by-a-stranger": STRANGER.token(),
    "signed-with-a-weak-key": weak(),
    "with-another-keys-id": RSA.token(header={"kid": "ec"}),
    "with-an-unknown-keys-id": RSA.token(header={"kid": "none"}),
    "with-a-keys-id-that-is-no-text": unsigned(alg="RS256", kid=7),
    "with-a-changed-signature": RSA.token()[:-6] + "AAAAAA",
    "without-a-keys-id-of-several": jwt.encode(ordinary(), RSA.private, "RS256"),
    "with-a-key-in-it": STRANGER.token(header={"kid": "mine", "jwk": STRANGER.public}),
    "with-a-key-elsewhere": STRANGER.token(header={"kid": "mine", "jku": "https://evil.example.org/keys"}),
    "with-a-critical-extension": RSA.token(header={"crit": ["b64x"], "b64x": True}),
    "unsigned": unsigned(alg="none"),
    "unsigned-in-capitals": unsigned(alg="NONE"),
    "unsigned-under-a-right-name": unsigned(alg="RS256"),
    "signed-with-the-public-key": confused(),
    "no-token": "abc.def.ghi",
    "empty": "",
    "very-long": "a" * 20_000,
    "deeply-nested": f"{part(b'[' * 6_000)}.e30.AA",
    "not-ascii": RSA.token() + "\u00e9",
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_token_that_does_not_count_is_refused(keys: Path, name: str):
    with pytest.raises(BadToken):
        await checking(keys).principal(REFUSED[name])


async def test_a_token_signed_with_an_algorithm_that_is_not_allowed_is_refused(keys: Path):
    with pytest.raises(BadToken, match="not allowed"):
        await checking(keys, algorithms=("ES256",)).principal(RSA.token())


async def test_clocks_may_differ_by_the_leeway(keys: Path):
    token = RSA.token(exp=int(time.time()) - 10)
    assert await checking(keys).principal(token)
    with pytest.raises(BadToken, match="expired"):
        await checking(keys, leeway=timedelta(0)).principal(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "run decide"},
        {"scope": None, "scopes": ["run", "decide"]},
        {"scope": None, "scp": "run decide"},
        {"scope": "run", "permissions": ["decide", 7]},
    ],
)
async def test_scopes_are_found_where_issuers_write_them(keys: Path, claims: dict[str, Any]):
    known = await checking(keys).principal(RSA.token(**claims))
    assert known.scopes == {Scope.RUN, Scope.DECIDE}


async def test_the_issuers_words_are_translated_and_others_allow_nothing(keys: Path):
    tokens = checking(keys, scopes={"releases:approve": Scope.DECIDE})
    known = await tokens.principal(RSA.token(scope="releases:approve admin read"))
    assert known.scopes == {Scope.DECIDE}
    assert not known.may(Scope.READ)


async def test_the_user_may_stand_in_another_claim(keys: Path):
    known = await checking(keys, user_claim="employee").principal(RSA.token(employee="e-7"))
    assert (known.id, known.user_id) == ("user:ana", "e-7")
    with pytest.raises(BadToken, match="'employee'"):
        await checking(keys, user_claim="employee").principal(RSA.token())


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS257"])
def test_an_algorithm_that_proves_nothing_cannot_be_allowed(algorithm: str):
    with pytest.raises(ValueError, match=algorithm):
        replace(RULES, algorithms=(algorithm,))


@pytest.mark.parametrize("rules", [{"issuer": ""}, {"audiences": ()}, {"audiences": ("",)}, {"algorithms": ()}])
def test_rules_that_would_take_anybodys_token_are_refused(rules: dict[str, Any]):
    with pytest.raises(ValueError, match=r"issuer|algorithm"):
        replace(RULES, **rules)

"""The header with the credential: its one form, and what is answered to all others."""

from __future__ import annotations

import ipaddress
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agno_temporal.api.access import Limited
from agno_temporal.api.credentials import Credentials
from agno_temporal.api.key_ring import KeyRing
from agno_temporal.api.key_sets import key_set
from agno_temporal.api.key_stores import KeyDirectory
from agno_temporal.api.keys import new_key
from agno_temporal.api.principals import Scope
from agno_temporal.api.problems import Problem
from agno_temporal.api.rates import Rate
from agno_temporal.api.tokens import TokenRules, Tokens
from tests.api.calling import bearing, request
from tests.api.issuer import AUDIENCE, ISSUER, Signer, published, serving

KEY, TOKEN = new_key("ci", [Scope.READ], time.time())
EXPIRED, EXPIRED_TOKEN = new_key("old", [Scope.READ], time.time())
REVOKED, REVOKED_TOKEN = new_key("gone", [Scope.READ], time.time())
SIGNER = Signer("one", "ES256")


@pytest.fixture
async def keys(tmp_path: Path) -> KeyRing:
    store = KeyDirectory(tmp_path / "keys")
    for key in (KEY, replace(EXPIRED, expires_at=1), REVOKED):
        await store.add(key)
    await store.revoke(REVOKED.id)
    return KeyRing(store)


@pytest.fixture
def both(keys: KeyRing, tmp_path: Path) -> Credentials:
    file = tmp_path / "jwks.json"
    file.write_bytes(published(SIGNER))
    return Credentials(keys, Tokens(TokenRules(ISSUER, (AUDIENCE,)), key_set(str(file))))


async def refused(access: Credentials | Limited, *requests: object) -> list[int]:
    """The status of each request that is refused."""
    statuses = []
    for one in requests:
        try:
            await access.principal(one)  # type: ignore[arg-type]
        except Problem as problem:
            statuses.append(problem.status)
    return statuses


async def test_a_key_and_a_token_are_known_by_the_same_header(both: Credentials):
    assert (await both.principal(bearing(TOKEN))).id == "key:ci"
    assert (await both.principal(bearing(SIGNER.token()))).id == "user:ana"
    assert (await both.principal(request(("authorization", f"bearer   {TOKEN} ")))).id == "key:ci"


async def test_who_sends_nothing_is_told_what_to_send(both: Credentials):
    with pytest.raises(Problem) as refusal:
        await both.principal(request())
    assert (refusal.value.status, refusal.value.type) == (401, "unauthorized")
    assert refusal.value.headers["WWW-Authenticate"] == 'Bearer realm="agno-temporal"'


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN},",
        f"Bearer\t{TOKEN}",
    ],
    ids=["empty", "no token", "an empty token", "no scheme", "basic", "two tokens", "a list", "a tab"],
)
async def test_another_form_of_the_header_is_refused(both: Credentials, value: str):
    assert await refused(both, request(("Authorization", value))) == [401]


async def test_two_credentials_in_one_request_are_refused(both: Credentials):
    twice = bearing(TOKEN, ("Authorization", f"Bearer {SIGNER.token()}"))
    assert await refused(both, twice) == [401]


@pytest.mark.parametrize("header", ["X-API-Key", "X-Authorization", "Cookie", "X-Forwarded-User", "Remote-User"])
async def test_no_other_header_makes_anybody_known(both: Credentials, header: str):
    assert await refused(both, request((header, TOKEN))) == [401]


@pytest.mark.parametrize(
    ("token", "said"), [(EXPIRED_TOKEN, "expired"), (REVOKED_TOKEN, "revoked")], ids=["expired", "revoked"]
)
async def test_a_key_that_has_ended_is_refused_and_its_holder_told_why(both: Credentials, token: str, said: str):
    with pytest.raises(Problem, match=said) as refusal:
        await both.principal(bearing(token))
    assert refusal.value.status == 401
    with pytest.raises(Problem, match="no such"):
        await both.principal(bearing(token[:-8] + TOKEN[-8:]))


async def test_what_is_not_taken_here_is_refused(keys: KeyRing, both: Credentials):
    assert await refused(Credentials(keys), bearing(SIGNER.token())) == [401]
    assert await refused(Credentials(None, both._tokens), bearing(TOKEN)) == [401]


async def test_credentials_that_cannot_be_checked_are_no_wrong_ones():
    with serving(b"") as server:
        access = Credentials(None, Tokens(TokenRules(ISSUER, (AUDIENCE,)), key_set(server.url)))
        with pytest.raises(Problem) as refusal:
            await access.principal(bearing(SIGNER.token()))
    assert (refusal.value.status, refusal.value.type) == (503, "credentials-unavailable")
    assert refusal.value.headers["Retry-After"]


FEW = Rate(per_second=0.001, burst=3)


async def test_an_address_with_many_wrong_credentials_is_slowed_down_and_a_right_one_is_not(keys: KeyRing):
    access = Credentials(keys, failures=FEW)
    wrong = bearing("agt_guess")
    assert await refused(access, *[wrong] * 5) == [401, 401, 401, 429, 429]
    assert await refused(access, bearing("agt_guess", peer="10.0.0.9")) == [401]
    assert (await access.principal(bearing(TOKEN))).id == "key:ci"


async def test_a_forwarded_address_is_not_believed(keys: KeyRing):
    requests = [bearing("agt_guess", ("X-Forwarded-For", f"10.1.1.{number}")) for number in range(5)]
    assert await refused(Credentials(keys, failures=FEW), *requests) == [401, 401, 401, 429, 429]


async def test_a_trusted_proxy_says_whose_the_failures_are(keys: KeyRing):
    access = Credentials(keys, failures=FEW, trusted=[ipaddress.ip_network("127.0.0.0/8")])
    requests = [bearing("agt_guess", ("X-Forwarded-For", f"10.1.1.{number}")) for number in range(5)]
    assert await refused(access, *requests) == [401] * 5


async def test_a_principal_may_make_so_many_requests(keys: KeyRing):
    access = Limited(Credentials(keys), FEW)
    assert await refused(access, *[bearing(TOKEN)] * 5) == [429, 429]
    with pytest.raises(Problem) as refusal:
        await access.principal(bearing(TOKEN))
    assert int(refusal.value.headers["Retry-After"]) > 0

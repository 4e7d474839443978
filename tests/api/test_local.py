"""A server without credentials: whom it answers, and where it listens."""

from __future__ import annotations

import pytest

from agno_temporal.api.addresses import client_address, is_loopback
from agno_temporal.api.local import Open, Unguarded, refuse_unguarded
from agno_temporal.api.principals import ANYBODY
from agno_temporal.api.problems import Problem
from tests.api.calling import request

HERE = ("Host", "127.0.0.1:8000")


async def refusal(*headers: tuple[str, str], access: Open | None = None, **options: str | None) -> str:
    """The type of the problem that a request meets."""
    with pytest.raises(Problem) as refused:
        await (access or Open()).principal(request(*headers, **options))  # type: ignore[arg-type]
    assert refused.value.status == 403
    return refused.value.type


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "localhost.", "[::1]:8000"])
async def test_a_request_of_this_machine_is_answered(host: str):
    assert await Open().principal(request(("Host", host))) is ANYBODY


@pytest.mark.parametrize("peer", ["::1", "127.0.0.2", "::ffff:127.0.0.1"])
async def test_this_machine_has_several_addresses(peer: str):
    assert await Open().principal(request(HERE, peer=peer)) is ANYBODY


@pytest.mark.parametrize("peer", ["10.0.0.7", "172.17.0.1", "2001:db8::1", "::ffff:10.0.0.7", "somebody", None])
async def test_a_request_of_another_machine_is_not(peer: str | None):
    assert await refusal(HERE, peer=peer) == "not-local"


@pytest.mark.parametrize(
    "host",
    ["evil.example.org", "localhost.evil.example.org", "127.0.0.1.nip.io", "0.0.0.0", "10.0.0.7", "", "[", "a@b"],
)
async def test_a_name_that_was_made_to_lead_here_is_not_ours(host: str):
    assert await refusal(("Host", host)) == "not-local"


async def test_a_request_without_one_host_is_refused():
    assert await refusal() == "not-local"
    assert await refusal(HERE, ("Host", "evil.example.org")) == "not-local"


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"])
async def test_what_a_proxy_hands_on_is_refused(header: str):
    assert await refusal(HERE, (header, "127.0.0.1")) == "not-local"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example.org", "null", "http://localhost:8000", "http://127.0.0.1:3000", "https://127.0.0.1:8000"],
)
async def test_a_page_of_another_origin_may_not_call(origin: str):
    for method in ("GET", "POST"):
        assert await refusal(HERE, ("Origin", origin), method=method) == "cross-site-request"


async def test_a_page_may_call_that_was_named():
    access = Open(["http://127.0.0.1:3000"])
    assert await access.principal(request(HERE, ("Origin", "http://127.0.0.1:3000"), method="POST")) is ANYBODY
    assert await access.principal(request(HERE, ("Origin", "http://127.0.0.1:8000"), method="POST")) is ANYBODY
    assert await refusal(HERE, ("Origin", "http://127.0.0.1:3001"), access=access) == "cross-site-request"


async def test_a_form_of_another_site_that_names_no_origin_is_refused():
    for site in ("cross-site", "same-site"):
        assert await refusal(HERE, ("Sec-Fetch-Site", site), method="POST") == "cross-site-request"
    assert await Open().principal(request(HERE, ("Sec-Fetch-Site", "same-origin"), method="POST")) is ANYBODY


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.7", "example.org", "192.168.1.5"])
def test_without_credentials_it_listens_nowhere_else(host: str):
    with pytest.raises(Unguarded, match="AGNO_TEMPORAL_API_KEY_STORE"):
        refuse_unguarded(host, Open())
    refuse_unguarded(host, object())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_without_credentials_it_listens_here(host: str):
    refuse_unguarded(host, Open())
    assert is_loopback(host)


def test_proxies_are_believed_from_the_right_and_no_further_than_they_are_trusted():
    import ipaddress

    ours = [ipaddress.ip_network("10.0.0.0/24")]
    assert client_address("10.0.0.1", ["6.6.6.6, 5.5.5.5"], ours) == "5.5.5.5"
    assert client_address("10.0.0.1", ["6.6.6.6", "5.5.5.5, 10.0.0.2"], ours) == "5.5.5.5"
    assert client_address("5.5.5.5", ["6.6.6.6"], ours) == "5.5.5.5"
    assert client_address("10.0.0.1", [], ours) == "10.0.0.1"
    assert client_address("10.0.0.1", ["nonsense"], ours) == "10.0.0.1"
    assert client_address(None, ["6.6.6.6"], ours) == "unknown"

"""Where a webhook may go: public addresses, and what a deployer allowed by name. Names are no way around it."""

from __future__ import annotations

import asyncio
import logging
import socket
from ipaddress import ip_address, ip_network

import pytest

from agno_temporal import Webhook
from agno_temporal.contract.notices import Notice
from agno_temporal.webhooks import WebhookError
from agno_temporal.webhooks.sending import NotTaken, send
from agno_temporal.webhooks.targets import TargetRefused, check, is_public
from tests.webhooks.receiver import Receiver, new_secret

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0",
    "169.254.169.254", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::",
]  # fmt: skip

NOTICE = Notice("msg_1", "run.finished", 0.0, {"run_id": "r"}, ("ops",))


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_internet_is_refused(address: str) -> None:
    with pytest.raises(TargetRefused, match="is not a public address"):
        check(ip_address(address), [])


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_is_on_the_internet_is_not(address: str) -> None:
    assert is_public(ip_address(address))


def test_only_the_networks_that_are_allowed_are_open() -> None:
    allowed = [ip_network("10.1.0.0/16")]
    check(ip_address("10.1.2.3"), allowed)
    check(ip_address("::ffff:10.1.2.3"), allowed)
    with pytest.raises(TargetRefused):
        check(ip_address("10.2.0.1"), allowed)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]", "192.168.0.1:8443"])
def test_an_address_in_the_url_is_refused_at_the_start(host: str) -> None:
    with pytest.raises(WebhookError, match="is not a public address"):
        Webhook("ops", f"https://{host}/hooks", new_secret())


async def test_a_name_that_leads_inside_is_refused_when_it_is_connected_to(receiver: Receiver) -> None:
    """The name was fine when the worker started, as any name is."""
    webhook = receiver.webhook(url=f"http://localhost:{receiver.port}/hooks", allow_networks=[])
    with pytest.raises(NotTaken, match="is not a public address"):
        await send(webhook, NOTICE)
    assert receiver.attempts == []


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "localhost."])
async def test_other_spellings_of_this_machine_are_refused(receiver: Receiver, name: str) -> None:
    webhook = receiver.webhook(url=f"http://{name}:{receiver.port}/hooks", allow_networks=[])
    with pytest.raises(NotTaken):
        await send(webhook, NOTICE)
    assert receiver.attempts == []


async def test_a_name_whose_addresses_are_allowed_is_reached_under_its_name(receiver: Receiver) -> None:
    port = receiver.port
    webhook = receiver.webhook(url=f"http://localhost:{port}/hooks", allow_networks=["127.0.0.0/8", "::1/128"])
    assert await send(webhook, NOTICE) == 204
    [message] = receiver.taken
    assert message.headers["host"] == f"localhost:{port}"


async def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await send(receiver.webhook(), NOTICE) == 204


async def test_no_url_is_logged(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert await send(receiver.webhook(url=f"http://127.0.0.1:{receiver.port}/hooks?token=abc123"), NOTICE) == 204
    assert "abc123" not in caplog.text


async def test_an_address_that_lets_packets_vanish_leaves_time_for_the_next_one(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.2", receiver.port), backlog=0) as silent, socket.socket() as filling:
        filling.setblocking(False)
        filling.connect_ex(silent.getsockname())  # Nobody else fits, and nobody is told so.
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, receiver.port)) for one in ("127.0.0.2", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert await send(receiver.webhook(url=f"http://both:{receiver.port}/", timeout=2), NOTICE) == 204


async def test_who_is_no_http_server_is_not_quoted_at_length(receiver: Receiver) -> None:
    async def banner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-" + b"x" * 50_000 + b"\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(banner, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotTaken) as refused:
            await send(receiver.webhook(url=f"http://127.0.0.1:{port}/"), NOTICE)
    assert len(str(refused.value)) <= 200


async def test_an_answer_without_end_is_not_read(receiver: Receiver) -> None:
    receiver.extra = b"transfer-encoding: chunked\r\n"  # And no chunk ever comes.
    assert await send(receiver.webhook(), NOTICE) == 204

"""Names whose servers say nothing: they hold up their own endpoint, and neither others nor the end of the process."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agno_temporal import Webhook
from agno_temporal.contract.notices import Notice
from agno_temporal.webhooks.sending import NotTaken, send
from tests.webhooks.receiver import Receiver, new_secret

NOTICE = Notice("msg_1", "run.finished", 0.0, {"run_id": "r"}, ("ops",))

LEAVES = """
import asyncio, socket, time

socket.getaddrinfo = lambda *_, **__: time.sleep(60)

from tests.webhooks.test_look_ups import failed, silent

asyncio.run(failed(silent()))
"""


class NameServer:
    """Knows no name, and does not say so before it `may_answer`.

    Attributes:
        asked: The names that it was asked for.
    """

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        if host == "localhost":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
        self.may_answer.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    names = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", names)
    yield names
    names.may_answer.set()


def silent(name: str = "silent.example") -> Webhook:
    return Webhook("silent", f"https://{name}/hooks", new_secret(), timeout=0.2)


async def failed(webhook: Webhook) -> str:
    """Why a message to it was not taken."""
    with pytest.raises(NotTaken) as error:
        await send(webhook, NOTICE)
    return str(error.value)


async def test_an_endpoint_whose_name_server_is_silent_holds_up_no_other(receiver: Receiver, names: NameServer) -> None:
    said = await asyncio.gather(*(failed(silent()) for _ in range(100)))
    assert set(said) == {"no answer within 0.2 s"}
    other = receiver.webhook(url=f"http://localhost:{receiver.port}/hooks", timeout=2)
    assert await send(other, NOTICE) == 204


async def test_a_name_that_is_being_looked_up_is_not_looked_up_beside_that(names: NameServer) -> None:
    """However many attempts are given up meanwhile: what they wait for goes on without them."""
    for _ in range(3):
        await asyncio.gather(*(failed(silent("same.example")) for _ in range(5)))
    assert names.asked == ["same.example"]


async def test_a_name_is_looked_up_anew_for_each_attempt(names: NameServer) -> None:
    names.may_answer.set()
    for _ in range(2):
        assert "Temporary failure" in await failed(silent("anew.example"))
    assert names.asked == ["anew.example"] * 2


async def test_what_a_look_up_says_is_said_to_all_who_wait_for_it(names: NameServer) -> None:
    webhook = Webhook("slow", "https://slow.example/hooks", new_secret(), timeout=30)
    waiting = [asyncio.create_task(failed(webhook)) for _ in range(3)]
    await asyncio.sleep(0.1)
    names.may_answer.set()
    assert all("Temporary failure in name resolution" in one for one in await asyncio.gather(*waiting))
    assert names.asked == ["slow.example"]


async def test_an_address_in_the_url_is_not_looked_up(receiver: Receiver, names: NameServer) -> None:
    assert await send(receiver.webhook(timeout=2), NOTICE) == 204
    assert names.asked == []


def test_a_process_that_ends_does_not_wait_for_a_silent_name_server() -> None:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", LEAVES], env={"PYTHONPATH": ":".join(sys.path)}, check=True, timeout=120)
    assert time.monotonic() - began < 30

"""A receiver on loopback that does what Standard Webhooks asks of one: it verifies each message, by the library."""

from __future__ import annotations

import asyncio
import base64
import os
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from agno_temporal import Webhook
from tests.support import eventually


def new_secret() -> str:
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


@dataclass(frozen=True)
class Message:
    """A verified message."""

    id: str
    type: str
    data: dict[str, Any]
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Takes messages as long as it is `up`.

    Attributes:
        status: What it answers to a verified message.
        may_answer: It holds its answers while this is not set.
        taken: What it answered with a 2xx, in the order in which it came.
        attempts: The ids of all that arrived, whatever was answered.
    """

    secret: str = field(default_factory=new_secret)
    status: int = 204
    path: str = "/hooks"
    port: int = 0
    taken: list[Message] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    extra: bytes = b""

    def __post_init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._server: asyncio.Server | None = None

    async def up(self, **options: Any) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, **options)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def webhook(self, name: str = "ops", **options: Any) -> Webhook:
        """This receiver as an endpoint."""
        settings: dict[str, Any] = {
            "url": f"http://127.0.0.1:{self.port}{self.path}",
            "secret": self.secret,
            "allow_networks": ["127.0.0.0/8"],
            "allow_http": True,
        }
        return Webhook(name, **{**settings, **options})

    @property
    def types(self) -> list[str]:
        return [one.type for one in self.taken]

    async def has(self, *types: str) -> list[Message]:
        """What it was told, once all of these have come, whatever else has."""

        async def told() -> bool:
            return set(types) <= set(self.types)

        await eventually(f"{', '.join(types)}; there are {self.types}, refused {self.refused}", told)
        return self.taken

    async def tried(self, times: int = 1) -> None:
        async def arrived() -> bool:
            return len(self.attempts) >= times

        await eventually(f"{times} attempts", arrived)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            status = await self._take(reader)
            await self.may_answer.wait()
            writer.write(b"HTTP/1.1 %d Said\r\ncontent-length: 0\r\n%s\r\n" % (status, self.extra))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
        body = await reader.readexactly(int(headers["content-length"]))
        self.attempts.append(headers["webhook-id"])
        try:
            content = Verifier(self.secret).verify(body, headers)
        except WebhookVerificationError as error:
            self.refused.append(str(error))
            return 401
        if 200 <= self.status < 300:
            self.taken.append(Message(headers["webhook-id"], content["type"], content["data"], headers, body))
        return self.status

"""Connections on which no request comes are ended, and no other is: none that was answered, is read, or is a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import httpx
import pytest
import websockets
from fastapi import FastAPI, Request, WebSocket
from starlette.responses import StreamingResponse

from agno_temporal.api import serving, silent_connections
from agno_temporal.api.serving import serve
from tests.support import PATIENCE

SECONDS = 0.3
LONGER = 3 * SECONDS

HALF = b"GET /name HTTP/1.1\r\nHost: x"
WHOLE = HALF + b"\r\n\r\n"


def app() -> FastAPI:
    app = FastAPI()

    @app.get("/name")
    async def name() -> str:
        return "bees"

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.post("/unread")
    async def unread() -> str:
        return "not read"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(3):
                await asyncio.sleep(LONGER)
                yield b"piece "

        return StreamingResponse(pieces())

    @app.websocket("/socket")
    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())

    return app


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(silent_connections, "HEAD_SECONDS", SECONDS)
    told: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.ensure_future(serve(app(), port=0, tell=told.put_nowait))
    yield int((await told.get()).split("/v1")[0].rpartition(":")[2])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
def is_idle_for(monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds that a connection is kept after an answer."""
    monkeypatch.setattr(serving, "KEEP_ALIVE", 2)
    return 2.0


class Connection:
    """One that is written to byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self, last: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self._reader.readuntil(last)

    async def ended(self, within: float = PATIENCE) -> bool:
        """Whether the other side ends it without a word more."""
        try:
            return await asyncio.wait_for(self._reader.read(1), within) == b""
        except TimeoutError:
            return False

    async def aclose(self) -> None:
        self._writer.close()


@pytest.mark.parametrize("data", [b"", HALF])
async def test_a_connection_without_a_whole_head_is_ended(port: int, data: bytes) -> None:
    async with aclosing(await Connection.to(port)) as connection:
        await connection.send(data)

        assert await connection.ended()


async def test_a_head_that_comes_byte_by_byte_wins_no_time(port: int) -> None:
    async with aclosing(await Connection.to(port)) as connection:
        for byte in HALF:
            await connection.send(bytes([byte]))
            if await connection.ended(within=SECONDS / 5):
                return
    raise AssertionError("it was not ended")


async def test_half_a_head_after_an_answer_is_ended(is_idle_for: float, port: int) -> None:
    async with aclosing(await Connection.to(port)) as connection:
        await connection.send(WHOLE)
        await connection.answer(b'"bees"')
        await connection.send(HALF)

        assert await connection.ended()


async def test_a_connection_that_was_answered_is_kept(port: int) -> None:
    async with aclosing(await Connection.to(port)) as connection:
        for _ in range(2):
            await connection.send(WHOLE)
            assert await connection.answer(b'"bees"')
            await asyncio.sleep(LONGER)


async def test_one_that_was_answered_before_its_body_was_there_is_kept(port: int) -> None:
    async with aclosing(await Connection.to(port)) as connection:
        await connection.send(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
        await connection.answer(b'"not read"')
        await connection.send(b"bees")
        await asyncio.sleep(LONGER)
        await connection.send(WHOLE)

        assert await connection.answer(b'"bees"')


async def test_requests_that_are_sent_at_once_are_all_answered(port: int) -> None:
    async with aclosing(await Connection.to(port)) as connection:
        await connection.send(3 * WHOLE)
        for _ in range(3):
            assert await connection.answer(b'"bees"')


async def test_a_slow_body_is_read(port: int) -> None:
    async with aclosing(await Connection.to(port)) as connection:
        await connection.send(b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbe")
        await asyncio.sleep(LONGER)
        await connection.send(b"es")

        assert await connection.answer(b"\r\n\r\n4")


async def test_a_stream_goes_on(port: int) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE) as http:
        answer = await http.get(f"http://127.0.0.1:{port}/stream")

    assert answer.text == 3 * "piece "


async def test_a_websocket_stays_open(port: int) -> None:
    async with websockets.connect(f"ws://127.0.0.1:{port}/socket") as socket:
        await asyncio.sleep(LONGER)
        await socket.send("bees")

        assert await socket.recv() == "bees"

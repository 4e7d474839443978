"""The API as a process: it says where it is, answers what it has begun, and lets go when it is told to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import httpx
import pytest
from fastapi import FastAPI

from agno_temporal.api.bodies import Limits
from agno_temporal.api.serving import CannotServe, serve
from tests.api.live import live
from tests.api.served import release


@pytest.fixture(scope="module")
def address(server: str) -> Iterator[str]:
    with live(server, [release()], limits=Limits(body_seconds=1)) as one:
        yield one


def raw(address: str, request: bytes) -> bytes:
    """What comes back on a connection that is sent these bytes."""
    host, _, port = address.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), 30)) as connection:
        connection.sendall(request)
        answer = b""
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
        return answer


async def test_what_is_under_way_is_answered_before_it_stops() -> None:
    app = FastAPI()
    begun = asyncio.Event()

    @app.get("/slow")
    async def slow() -> str:
        begun.set()
        await asyncio.sleep(0.5)
        return "done"

    told: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.ensure_future(serve(app, port=0, tell=told.put_nowait))
    where = (await told.get()).split("/v1")[0].removeprefix("The API is at ")
    async with httpx.AsyncClient(base_url=where) as http:
        asked = asyncio.ensure_future(http.get("/slow"))
        await begun.wait()
        serving.cancel()
        assert (await asked).json() == "done"
    with pytest.raises(asyncio.CancelledError):
        await serving


async def test_a_port_that_is_taken_is_told() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=f"127.0.0.1:{port}: Address already in use"):
            await serve(FastAPI(), port=port)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 50\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Transfer-Encoding: gzip, chunked, identity\r\n",
        b"X-Nul: a\x00b\r\n",
        b"X-Split: a\r\n folded\r\n",
        b"X-Bytes: \xff\xfe\r\n",
        b"Content-Type: application/json; charset=nonsense\r\nContent-Length: 2\r\n",
        b": nameless\r\n",
    ],
)
def test_an_absurd_head_is_no_error_of_the_servers(address: str, head: bytes) -> None:
    request = b"POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + head
    answer = raw(address, request + b"Connection: close\r\n\r\n{}")

    assert answer.startswith(b"HTTP/1.1 4"), answer[:300]


@pytest.mark.parametrize("path", ["/v1/runs/%ff", "/v1/runs/%00", "/v1/runs/..%2f..%2fetc", "//v1//runs", "/v1/runs/%"])
def test_an_absurd_address_is_no_error_of_the_servers(address: str, path: str) -> None:
    answer = raw(address, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 4"), answer[:300]
    assert b"application/problem+json" in answer


def test_nobody_is_told_what_serves(address: str) -> None:
    answer = httpx.get(f"{address}/v1/workflows")

    assert "server" not in answer.headers

"""The API as a process: one port, until a signal ends it.

Requests that are under way when a signal comes are answered, and what waits for a run or a worker is told to soon
(`stopping`); streams, which would never end, end too, and go on from where they were at another process.

A load balancer learns that a server goes from its readiness alone, some probes later; until then it sends requests to a
port that is closed. So a server may be told that it is leaving before it stops: it is not ready then, and serves on.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from agno_temporal.api.health import LEAVING
from agno_temporal.api.silent_connections import HeadsInTime
from agno_temporal.api.stopping import STOPPING

HOST = "127.0.0.1"
PORT = 7777

GRACE = 10
"""Seconds in which requests may end after a signal."""

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept: longer than the proxies in front of it keep theirs."""


class CannotServe(RuntimeError):
    """The port cannot be had. The message says which, and what to do."""


async def serve(
    app: ASGIApp,
    host: str = HOST,
    port: int = PORT,
    *,
    tell: Callable[[str], None] = print,
    leaving: asyncio.Event | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until the task is cancelled.

    Args:
        port: 0 takes a free one.
        tell: Is told where it is served.
        leaving: Set, it makes the server say that it is not ready. It goes on until it is stopped.

    Raises:
        CannotServe: Somebody else has the port, or there is no such host.
    """
    stopping = asyncio.Event()

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        scope[STOPPING] = stopping
        scope[LEAVING] = leaving
        await app(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(
            told,
            http=HeadsInTime,
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # Whose a request is, is not believed of anybody on this machine (`addresses`).
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            timeout_keep_alive=KEEP_ALIVE,
        )
    )
    listening = _listening(host, port)
    serving = asyncio.ensure_future(server.serve([listening]))
    try:
        tell(f"The API is at {_address(listening)}/v1, and its description at {_address(listening)}/openapi.json.")
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        stopping.set()
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await serving
        raise
    finally:
        listening.close()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        raise CannotServe(f"The API cannot listen at {host}:{port}: {error.strerror}. Choose another port.") from error
    listening.listen(2048)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

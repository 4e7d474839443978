"""Connections on which no request comes: ended, so that they do not use up the files that a process may have open.

uvicorn ends a connection that is idle after an answer, and no other: one that sends nothing at all, or half a head and
no more, is kept for ever. Some thousand of those cost a stranger nothing, and nobody else could connect any more. So a
connection has a bounded time for its first head; and once it was answered, as long for the next as uvicorn lets it be
idle, since what comes then may also be the rest of a body that was answered before it was read.

A request that is under way is none of this: its body has a bound of its own (`bodies`), and a stream has none.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 30.0
"""Seconds in which the first head of a connection has to be there."""

_Protocol: Any = AutoHTTPProtocol
"""That of h11 or of httptools, whichever is installed. Both have the request that came last as `cycle`."""


class HeadsInTime(_Protocol):  # type: ignore[misc]
    """uvicorn's protocol, with an end for connections that send no request."""

    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._ending = self.loop.call_later(HEAD_SECONDS, self._end)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._awaits_a_head():
            self._let_be()
        elif self._ending is None:
            self._ending = self.loop.call_later(self.timeout_keep_alive, self._end)

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_be()
        super().connection_lost(exc)

    def _awaits_a_head(self) -> bool:
        """Not where another protocol has taken the connection over, as for a WebSocket."""
        is_idle = self.cycle is None or self.cycle.response_complete
        return is_idle and self.transport.get_protocol() is self and not self.transport.is_closing()

    def _end(self) -> None:
        if self._awaits_a_head():
            self.transport.close()

    def _let_be(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

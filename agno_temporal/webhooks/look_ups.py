"""Look-ups of names, of which each name has one at a time, in a thread of its own.

A look-up cannot be stopped: a name server that is silent holds its thread for half a minute (glibc: 5 s, two attempts,
three servers), long after the attempt to deliver that asked has been given up. In a pool, whose places are free again
when their threads are, the attempts for one such name would soon have them all, and no other endpoint would be reached.
So a name has one thread, and who asks meanwhile waits for the same answer: there are never more of them than names.

Python joins the threads of its pools when it exits, whatever they wait for. These are daemons, which it does not.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import Future
from typing import Any, TypeAlias

Found: TypeAlias = list[tuple[Any, ...]]
"""What `socket.getaddrinfo` returns."""

_under_way: dict[tuple[str, int], Future[Found]] = {}

_lock = threading.Lock()
"""A process may have several event loops that deliver."""


async def look_up(host: str, port: int) -> Found:
    """
    Raises:
        OSError: The name cannot be resolved.
    """
    return await asyncio.wrap_future(_one_for_all(host, port))


def _one_for_all(host: str, port: int) -> Future[Found]:
    with _lock:
        if (found := _under_way.get((host, port))) is not None:
            return found
        found = Future()
        found.set_running_or_notify_cancel()  # From here on, who gives up does not cancel it for others.
        threading.Thread(target=_look_up, args=(host, port, found), name=f"agno-name-{host}", daemon=True).start()
        _under_way[host, port] = found  # Its thread takes it out behind this lock.
        return found


def _look_up(host: str, port: int, found: Future[Found]) -> None:
    answer: Found | Exception
    try:
        answer = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except Exception as error:
        answer = error
    with _lock:
        del _under_way[host, port]
    if isinstance(answer, Exception):
        found.set_exception(answer)
    else:
        found.set_result(answer)

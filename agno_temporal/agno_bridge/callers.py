"""How the user's callables are called: coroutine functions on the loop, everything else on a thread.

agno calls a synchronous function on the event loop, even under `arun`; in a worker that would stop the heartbeats of
every other step of the process. And it asks only whether the callable itself is a coroutine function: of an object
whose ``__call__`` is one, an end condition takes the un-awaited coroutine for its answer, which is true
(agno/workflow/loop.py:338).
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class RunInThread(Protocol):
    """Runs blocking work on a thread, with the caller's context variables."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


def plain_callable(function: Any) -> Any:
    """The function that agno recognises as asynchronous where it is. Strings, literals and None pass."""
    if callable(function) and not inspect.iscoroutinefunction(function):
        call = type(function).__call__ if not inspect.isroutine(function) else None
        if inspect.iscoroutinefunction(call):
            return function.__call__
    return function


def is_asked_for(error: BaseException) -> bool:
    """Whether a callable was ended by whoever calls. A cancellation that nobody asked for is what the callable raised,
    as any exception is: Temporal would ask it again for ever. A coroutine that is closed, or that Ctrl-C breaks off, is
    told so by an exception of the same kind as it might raise."""
    if isinstance(error, GeneratorExit | KeyboardInterrupt):
        return True
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


async def settled(answer: Any) -> Any:
    """The answer itself, where a synchronous callable returned a coroutine."""
    return await answer if inspect.isawaitable(answer) else answer

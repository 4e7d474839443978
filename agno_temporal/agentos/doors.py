"""By which door a caller came: AgentOS asks its event stream by a run's id alone, and Temporal knows every run.

A token may be good for one workflow's routes only. agno compares a run with its route's workflow where it finds the
run's row, and leaves a run that it does not find to the stream (agno/os/middleware/user_scope.py:647). The streams of
agno know what passed through their AgentOS; here, a run of an application that is not served at all would be handed out
to whoever has its id. So a request opens the runs of its own route's workflow, and no others: agno copies the workflow
before it asks the stream, and the copy says so here. Where nothing was said, as in a route of an agent, no run is ours.

A WebSocket that joins a run again copies nothing before it asks. There the workflow is named in the message, which agno
has checked against the token, and so agno's own handler is wrapped. Without the wrapping no more would be open there
than what the socket itself has started or continued last.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from functools import wraps
from typing import Any, Final, TypeAlias

from agno.os import router

from agno_temporal.client import RunClient

Door: TypeAlias = tuple[RunClient, str]
"""A workflow's id, and the client for its runs."""

_OPEN: Final[ContextVar[tuple[Door, ...]]] = ContextVar("agno_temporal_open_doors", default=())


def open_only(*doors: Door) -> None:
    """Say that the request that is being answered is for the runs of these workflows."""
    _OPEN.set(doors)


def opened(runs: RunClient) -> set[str]:
    """The workflows of this client's server and queue whose runs the request may read."""
    return {workflow_id for of, workflow_id in _OPEN.get() if reach_the_same(of, runs)}


def reach_the_same(one: RunClient, other: RunClient) -> bool:
    return one.client is other.client and one.task_queue == other.task_queue


def watch_sockets() -> None:
    """Wrap what joins a socket to a run again, once in a process."""
    handler: Any = getattr(router, _HANDLER, None)
    if inspect.iscoroutinefunction(handler) and not hasattr(handler, "_opens_doors"):
        setattr(router, _HANDLER, _opening(handler))


_HANDLER: Final = "handle_workflow_subscription"


def _opening(handler: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @wraps(handler)
    async def join(websocket: Any, message: dict[str, Any], os: Any, **options: Any) -> None:
        token = _OPEN.set(_doors(message.get("workflow_id"), os.workflows or (), options.get("ws_auth")))
        try:
            await handler(websocket, message, os, **options)
        finally:
            _OPEN.reset(token)

    join._opens_doors = True  # type: ignore[attr-defined]
    return join


def _doors(workflow_id: Any, workflows: Sequence[Any], ws_auth: Any) -> tuple[Door, ...]:
    """Those of the workflow that the message names. It may name none, which opens all where all are open to the caller:
    where no scopes are asked for, or to an admin (agno/os/router.py:806)."""
    doors = [(one.runs, one.id) for one in workflows if isinstance(getattr(one, "runs", None), RunClient)]
    if workflow_id:
        return tuple(door for door in doors if door[1] == workflow_id)
    is_free = ws_auth is not None and (ws_auth.is_admin or not ws_auth.jwt_enabled)
    return tuple(doors) if is_free else ()

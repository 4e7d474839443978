"""Who calls, and what they may do.

The actor of a decision is who the server verified, never who a body says. So a route names the scope that it needs, and
gets a principal or does not run.
"""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from starlette.requests import HTTPConnection
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import read_request
from agno_temporal.agno_bridge.run_table import has_run_rows, stored_heads
from agno_temporal.api.problems import Problem

if TYPE_CHECKING:
    from agno_temporal.api.service import Service


class Scope(enum.StrEnum):
    """What a principal may do. `ADMIN` includes all others, and sees every user's runs."""

    READ = "read"
    RUN = "run"
    DECIDE = "decide"
    ADMIN = "admin"


@dataclass(frozen=True)
class Principal:
    """Who calls, as the server verified it.

    Attributes:
        id: The actor of this caller's decisions, and the owner of its idempotency keys.
        user_id: Whose runs these are where users are isolated from each other; None for all.
    """

    id: str
    scopes: frozenset[Scope]
    user_id: str | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes


class Access(Protocol):
    """Something that knows callers: API keys, bearer tokens, or the host app's own."""

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            Problem: 401, nobody whom the server knows.
        """
        ...


ANYBODY = Principal("anonymous", frozenset(Scope))


class Open:
    """No credentials: for a server that only this machine can reach."""

    async def principal(self, connection: HTTPConnection) -> Principal:
        return ANYBODY


class Needs:
    """Who calls, if they may do this: a dependency of a route. Asked twice of one request, it answers the same."""

    def __init__(self, service: Service, scope: Scope) -> None:
        self.scope = scope
        self._service = service

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            Problem: 401, nobody whom the server knows. 403, somebody who may not.
        """
        known: Principal | None = connection.scope.get(_KNOWN)
        if known is None:
            known = connection.scope[_KNOWN] = await self._service.access.principal(connection)
        if not known.may(self.scope):
            detail = f"This needs the scope {self.scope.value!r}."
            raise Problem(403, "insufficient-scope", detail, {"scope": self.scope.value})
        return known


_KNOWN = "agno_temporal.principal"
"""Where the principal is kept in the request's scope."""


def needs(service: Service, scope: Scope) -> Needs:
    """What a route depends on that needs a scope: ``Depends(needs(service, Scope.READ))``."""
    return Needs(service, scope)


async def visible(service: Service, principal: Principal, run_id: str) -> None:
    """Whether a run is one of this service's, and one that the caller may see. Every route that touches a run asks.

    Temporal's namespace may have workflows of others; ours are those on our queue.

    Raises:
        Problem: 404, as if there were none.
    """
    own = isolated(principal)
    if not await _is_ours(service, run_id, own):
        raise Problem(404, "run-not-found", f"There is no run {run_id!r}.")


def isolated(principal: Principal) -> str | None:
    """The user whose runs alone the caller may see; None for all."""
    return None if Scope.ADMIN in principal.scopes else principal.user_id


def only_user(principal: Principal, asked: str | None) -> str | None:
    """The user that a list is of, or a new run: the caller's own where users are kept apart.

    Raises:
        Problem: 403, another user was named.
    """
    own = isolated(principal)
    if own is None or asked in (None, own):
        return own or asked
    raise Problem(403, "forbidden", "You are kept to runs of your own: leave `user_id` out.")


async def _is_ours(service: Service, run_id: str, own: str | None) -> bool:
    client = service.runs.client
    try:
        description = await client.get_workflow_handle(run_id).describe()
    except RPCError as error:
        if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            raise
        return await _is_our_row(service, run_id, own)
    if description.task_queue != service.task_queue:
        return False
    if own is None:
        return True
    workflow = service.workflows.get(description.workflow_type)
    request = await read_request(client, run_id, description.run_id)
    return own == (request.user_id or getattr(workflow, "user_id", None))


async def _is_our_row(service: Service, run_id: str, own: str | None) -> bool:
    """A run that Temporal keeps no longer is what its row says."""
    if not has_run_rows(service.db):
        return False
    row = (await stored_heads(service.db, [run_id], asyncio.to_thread)).get(run_id)
    return row is not None and row.workflow_id in service.workflows and own in (None, row.user_id)

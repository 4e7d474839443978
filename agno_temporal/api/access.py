"""What a route asks of its caller.

The actor of a decision is who the server verified, never who a body says. So a route names the scope that it needs, and
gets a principal or does not run.

Where users are isolated, a run is its user's: another's is not there, in no list and under no address. Whose a run is
stands in the run itself, in the memo and the request that it was started with. Both are written with the start and
never change; the database has it too, but only a moment later.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection
from temporalio.client import WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import read_request
from agno_temporal.agno_bridge.run_table import has_run_rows, stored_head
from agno_temporal.api.credentials import Credentials, limited
from agno_temporal.api.local import Open
from agno_temporal.api.principals import ANYBODY, Principal, Scope
from agno_temporal.api.problems import Problem
from agno_temporal.api.rates import Buckets, Rate
from agno_temporal.contract import names

if TYPE_CHECKING:
    from agno_temporal.api.service import Service

__all__ = [
    "ANYBODY",
    "Access",
    "Limited",
    "Needs",
    "Open",
    "Principal",
    "Scope",
    "isolated",
    "needs",
    "only_user",
    "visible",
]


class Access(Protocol):
    """Something that knows callers: API keys, bearer tokens, or the host app's own."""

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            Problem: 401, nobody whom the server knows.
        """
        ...


class Limited:
    """Lets each principal make so many requests, in this process."""

    def __init__(self, access: Access, rate: Rate) -> None:
        self.access = access
        self._buckets = Buckets(rate)

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            Problem: As `access` does; 429, too many requests.
        """
        known = await self.access.principal(connection)
        if wait := self._buckets.take(known.id, time.monotonic()):
            raise limited("These credentials make more requests than this server takes of one caller.", wait)
        return known


def unlimited(access: Access) -> Access:
    """What knows the callers, without what counts their requests."""
    return access.access if isinstance(access, Limited) else access


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
        refuse_without(self.scope, known)
        return self._kept_apart(known)

    def _kept_apart(self, known: Principal) -> Principal:
        """The caller as routes know it: with a user only where it is kept to that user's runs."""
        if known.may(Scope.ADMIN) or not (self._service.isolation or known.is_kept_apart):
            return replace(known, user_id=None)
        if not self._service.isolation:
            raise Problem(403, "forbidden", "Users are kept apart, and not by these routes: they need isolation=True.")
        if not known.user_id:
            raise Problem(403, "no-user", "Users are kept apart here, and these credentials are no user's.")
        return known


_KNOWN = "agno_temporal.principal"
"""Where the principal is kept in the request's scope."""


class NeedsBearer(Needs, SecurityBase):
    """The same, and said in the API's description."""

    scheme_name = "bearer"
    model = HTTPBearer(description="An API key (agno-temporal keys create), or a token of the issuer that is trusted.")


def refuse_without(scope: Scope, principal: Principal) -> None:
    """
    Raises:
        Problem: 403, the caller may not do this.
    """
    if not principal.may(scope):
        detail, name = f"This needs the scope {scope.value!r}.", scope.value
        challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{name}"'}
        raise Problem(403, "insufficient-scope", detail, {"scope": name}, challenge)


def needs(service: Service, scope: Scope) -> Needs:
    """What a route depends on that needs a scope: ``Depends(needs(service, Scope.READ))``."""
    return (NeedsBearer if _takes_bearer(service.access) else Needs)(service, scope)


def _takes_bearer(access: Access) -> bool:
    return isinstance(unlimited(access), Credentials)


async def visible(service: Service, principal: Principal, run_id: str) -> None:
    """Whether a run is one of this service's, and one that the caller may see. Every route that touches a run asks.

    Temporal's namespace may have workflows of others; ours are the runs on our queue.

    Raises:
        Problem: 404, as if there were none.
    """
    own = isolated(principal)
    if not await _is_ours(service, run_id, own):
        raise Problem(404, "run-not-found", f"There is no run {run_id!r}.")


def isolated(principal: Principal) -> str | None:
    """The user whose runs alone the caller may see; None for all."""
    return principal.user_id


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
    if description.task_queue != service.task_queue or not service.is_run(description.raw_info):
        return False
    return own is None or own == await _owner(service, description)


async def _owner(service: Service, description: WorkflowExecutionDescription) -> str | None:
    """Whose a run is. Only one that another program started, or that is nobody's, is looked up in its history."""
    noted: str | None = await description.memo_value(names.MEMO_USER, default=None)
    if noted is not None:
        return noted
    request = await read_request(service.runs.client, description.id, description.run_id)
    workflow = service.workflows.get(description.workflow_type)
    return request.user_id or getattr(workflow, "user_id", None)


async def _is_our_row(service: Service, run_id: str, own: str | None) -> bool:
    """A run that Temporal keeps no longer is what its row says."""
    if not has_run_rows(service.db):
        return False
    row = await service.reads.in_time(stored_head(service.db, run_id, service.reads))
    return row is not None and row.workflow_id in service.workflows and own in (None, row.user_id)

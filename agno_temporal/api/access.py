"""What a route asks of its caller.

The actor of a decision is who the server verified, never who a body says. So a route names the scope that it needs, and
gets a principal or does not run.

Where users are isolated, a run is its user's: another's is not there, in no list and under no address. Whose a run is
stands in the run itself, in the memo and the request that it was started with. Both are written with the start and
never change; the database has it too, but only a moment later.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from starlette.requests import HTTPConnection
from temporalio.client import WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.activities.history import read_request
from agno_temporal.api.credentials import limited
from agno_temporal.api.local import Open
from agno_temporal.api.principals import ANYBODY, Principal, Scope
from agno_temporal.api.problems import Problem
from agno_temporal.api.rates import Buckets, Rate
from agno_temporal.contract import names

if TYPE_CHECKING:
    from agno_temporal.api.service import Service

__all__ = ["ANYBODY", "Access", "Limited", "Needs", "Open", "Principal", "Scope", "needs", "own_user", "visible"]


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
        self._access = access
        self._buckets = Buckets(rate)

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            Problem: As `access` does; 429, too many requests.
        """
        known = await self._access.principal(connection)
        if wait := self._buckets.take(known.id, time.monotonic()):
            raise limited("These credentials make more requests than this server takes of one caller.", wait)
        return known


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
            raise Problem(
                403,
                "insufficient-scope",
                f"This needs the scope {self.scope.value!r}.",
                {"scope": self.scope.value},
                {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope.value}"'},
            )
        if self._service.isolation and known.user_id is None and not known.may(Scope.ADMIN):
            raise Problem(403, "no-user", "Users are isolated here, and these credentials are no user's.")
        return known


_KNOWN = "agno_temporal.principal"
"""Where the principal is kept in the request's scope."""


def needs(service: Service, scope: Scope) -> Needs:
    """What a route depends on that needs a scope: ``Depends(needs(service, Scope.READ))``."""
    return Needs(service, scope)


def own_user(service: Service, principal: Principal, asked: str | None) -> str | None:
    """Whose runs a caller starts, or lists, who asked for this user's, or for nobody's in particular.

    Raises:
        Problem: 403, another user's.
    """
    if not service.isolation or principal.may(Scope.ADMIN):
        return asked
    if asked not in (None, principal.user_id):
        raise Problem(403, "other-user", "Users are isolated here: leave the user out, or name your own.")
    return principal.user_id


async def visible(service: Service, principal: Principal, run_id: str) -> None:
    """Whether a run is one of this service's, and one that the caller may see. Every route that touches a run asks.

    Temporal's namespace may have workflows of others; ours are those on our queue.

    Raises:
        Problem: 404, as if there were none.
    """
    runs = service.runs
    try:
        description = await runs.client.get_workflow_handle(run_id).describe()
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            raise _no_run(run_id) from error
        raise
    if description.task_queue != runs.task_queue:
        raise _no_run(run_id)
    is_bound = service.isolation and not principal.may(Scope.ADMIN)
    if is_bound and (principal.user_id is None or await _owner(service, description) != principal.user_id):
        raise _no_run(run_id)


async def _owner(service: Service, description: WorkflowExecutionDescription) -> str | None:
    """Whose a run is. Only one that another program started, or nobody's, has to be looked up in its history."""
    noted: str | None = await description.memo_value(names.MEMO_USER, default=None)
    if noted is not None:
        return noted
    request = await read_request(service.runs.client, description.id, description.run_id)
    workflow = service.workflows.get(description.workflow_type)
    return request.user_id or (workflow.user_id if workflow is not None else None)


def _no_run(run_id: str) -> Problem:
    return Problem(404, "run-not-found", f"There is no run {run_id!r}.")

"""Callers as AgentOS knows them, where our routes join its app.

AgentOS verifies tokens before any route of its app is reached, and its own routes ask for its own scopes; of ours it
knows nothing. So what it has verified is read from the request: who it is, and which of agno's scopes it has. Who may
run workflows there may run and decide here, since there is one scope for both in agno. A scope for a single workflow
gives nothing here, and where AgentOS asks for nothing at all, our routes are for this machine alone.

What a token says of its scopes is its issuer's word, and an AgentOS with roles of its own goes by them alone
(agno/os/auth.py:323). There its provider is asked, and nobody is an admin here.

Users whom AgentOS keeps apart would see each other's runs here, were the service not told to keep them apart too. So
they are refused until it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from agno.os.auth import (
    caller_scopes_are_authoritative,
    get_authentication_dependency,
    resolve_authorization_provider,
)
from agno.os.authz.provider import AuthorizationContext
from agno.os.settings import AgnoAPISettings
from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from agno_temporal.api.host import HostAccess
from agno_temporal.api.local import Open
from agno_temporal.api.principals import Principal, Scope

KEY_HOLDER: Final = "agentos:security-key"
"""Who has AgentOS' security key, which is nobody in particular."""

_ADMIN: Final = "agent_os:admin"
"""Where AgentOS is configured with no other one."""

_SCOPES: Final = {
    "workflows:read": (Scope.READ,),
    "workflows:*:read": (Scope.READ,),
    "workflows:run": (Scope.READ, Scope.RUN, Scope.DECIDE),
    "workflows:*:run": (Scope.READ, Scope.RUN, Scope.DECIDE),
}


class AgentOSAccess:
    """Knows callers as AgentOS does. Give the service ``isolation=True`` where AgentOS has ``user_isolation=True``:
    without, only admins are let in.

    Args:
        settings: Those that AgentOS is given; None reads them from the environment, as AgentOS does.

    Example:
        base = FastAPI()
        base.include_router(create_router(new_service([durable], access=AgentOSAccess())))
        app = AgentOS(workflows=[durable], db=db, base_app=base, authorization=True).get_app()
    """

    def __init__(self, settings: AgnoAPISettings | None = None) -> None:
        settings = settings or AgnoAPISettings()
        self._has_key = bool(settings.os_security_key)
        self._open = Open()
        check = get_authentication_dependency(settings)

        async def caller(request: Request, _: Any = Depends(check)) -> Principal:
            return await _principal(request)

        self._host = HostAccess(caller, lambda principal: principal)

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            HTTPException: 401, AgentOS does not know the caller.
            Problem: 403, AgentOS asks for nothing, and the caller is not on this machine.
        """
        if not self._has_key and not _is_verified(connection):
            return await self._open.principal(connection)
        known = await self._host.principal(connection)
        return replace(known, is_kept_apart=bool(getattr(connection.app.state, "user_isolation_enabled", False)))


def _is_verified(connection: HTTPConnection) -> bool:
    state = connection.state
    return bool(getattr(state, "authorization_enabled", False) or getattr(state, "service_account_name", None))


async def _principal(request: Request) -> Principal:
    if not _is_verified(request):
        return Principal(KEY_HOLDER, frozenset(Scope))
    user_id = getattr(request.state, "user_id", None)
    by_scopes = caller_scopes_are_authoritative(request)
    scopes = _by_scopes(request) if by_scopes else await _by_roles(request)
    return Principal(user_id or "agentos:token", scopes, user_id)


def _by_scopes(request: Request) -> frozenset[Scope]:
    given = set(getattr(request.state, "scopes", None) or ())
    if (getattr(request.state, "admin_scope", None) or _ADMIN) in given:
        return frozenset(Scope)
    return frozenset(scope for name in given for scope in _SCOPES.get(name, ()))


async def _by_roles(request: Request) -> frozenset[Scope]:
    """What AgentOS' provider lets the caller do with all workflows."""
    state, provider = request.state, resolve_authorization_provider(request)
    found: set[Scope] = set()
    for action in ("read", "run"):
        context = AuthorizationContext(
            principal_id=getattr(state, "user_id", None),
            scopes=list(getattr(state, "scopes", None) or ()),
            claims=getattr(state, "claims", None) or {},
            resource_type="workflows",
            resource_id=None,
            action=action,
            admin_scope=getattr(state, "admin_scope", None),
        )
        if await provider.aauthorize_route(context, [f"workflows:{action}"]):
            found.update(_SCOPES[f"workflows:{action}"])
    return frozenset(found)

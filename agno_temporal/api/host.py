"""The host app's own way of knowing callers, where our routes are mounted in an app that has one.

Its dependency may have dependencies of its own, need the app's overrides, or end by ``yield``: all of that is FastAPI's
to solve. So it is put behind a route that nobody can reach from outside, and the request's head is sent through that.
The body is not: who calls is known before anybody reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, proxy

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Message

from agno_temporal.api.principals import Principal

_FOUND = "agno_temporal.found"


class HostAccess:
    """Knows callers as the host app does.

    Args:
        dependency: Any FastAPI dependency that finds the caller from the request's head. It refuses by raising
            `HTTPException`.
        principal: What its answer means here.

    Example:
        def staff(user: User) -> Principal:
            return Principal(f"user:{user.name}", frozenset({Scope.READ, Scope.DECIDE}), user.name)

        service = new_service([release], access=HostAccess(current_user, staff))
    """

    def __init__(self, dependency: Callable[..., Any], principal: Callable[[Any], Principal]) -> None:
        async def find(request: Request, answer: Any = Depends(dependency)) -> Response:
            request.scope[_FOUND].append(principal(answer))
            return Response()

        self._find = find
        self._routers: WeakKeyDictionary[Any, APIRouter] = WeakKeyDictionary()

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            HTTPException: The dependency's own.
        """
        found: list[Principal] = []
        await self._router(connection)(self._scope(connection, found), _nothing, _ignore)
        if not found:
            raise HTTPException(401, "Nobody whom this app knows.")
        return found[0]

    def _router(self, connection: HTTPConnection) -> APIRouter:
        """One for each app, whose overrides of dependencies count here too."""
        app = connection.scope["app"]
        if app not in self._routers:
            self._routers[app] = APIRouter(dependency_overrides_provider=proxy(app))  # Else it would keep its own key.
            self._routers[app].add_api_route("/", self._find, include_in_schema=False)
        return self._routers[app]

    def _scope(self, connection: HTTPConnection, found: list[Principal]) -> dict[str, Any]:
        """The request without what was found out of it so far. Without the app's handlers, an error is raised here."""
        dropped = ("starlette.exception_handlers", "route", "endpoint", "path_params", "router")
        scope = {name: value for name, value in connection.scope.items() if name not in dropped}
        own = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "root_path": "", _FOUND: found}
        return {**scope, **own}


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ignore(message: Message) -> None:
    pass

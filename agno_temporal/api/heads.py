"""The request's head, bounded: not every server bounds it, and each header is copied many times on its way."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from agno_temporal.api.bodies import Limits
from agno_temporal.api.problems import Problem, problem_response


class HeadBounds:
    """Middleware that refuses requests with too many headers, too long ones, or too long an address."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._fits(scope):
            await self._app(scope, receive, send)
            return
        limits = self._limits
        detail = f"The head of a request has at most {limits.headers} headers and {limits.head_bytes} bytes."
        problem = Problem(431, "headers-too-large", detail)
        await problem_response(problem, HTTPConnection({**scope, "path": scope["path"][:200]}))(scope, receive, send)

    def _fits(self, scope: Scope) -> bool:
        headers = scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers)
        size += len(scope.get("raw_path") or b"") + len(scope["query_string"])
        return len(headers) <= self._limits.headers and size <= self._limits.head_bytes

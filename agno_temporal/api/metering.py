"""What this process itself has seen, counted: decisions that came through it, and requests.

Every value of a label is one of a fixed few. What a caller can choose, such as an address that is none or a method of
its own making, is counted together: else anybody could fill the memory of this server and of whatever scrapes it.
"""

from __future__ import annotations

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agno_temporal.hitl import Action

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of one service. Its `registry` is its own: several services of a process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._decisions = Counter(
            "agno_temporal_decisions",
            "Decisions through this server, as a run took them or as they were left for it; repeats count.",
            ["action", "how"],
            registry=self.registry,
        )
        self._refusals = Counter(
            "agno_temporal_refusals",
            "Decisions through this server that changed nothing, or whose outcome it does not know.",
            ["action", "reason"],
            registry=self.registry,
        )
        self._requests = Counter(
            "agno_temporal_http_requests",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "agno_temporal_http_request_seconds",
            "Until the answer began.",
            ["method", "route"],
            buckets=SECONDS,
            registry=self.registry,
        )

    def decided(self, action: Action, is_left: bool) -> None:
        """A decision was taken; or left for a run that no worker answered for."""
        self._decisions.labels(action.value, "left" if is_left else "taken").inc()

    def refused(self, action: Action, reason: str) -> None:
        """One was not. `reason` is the type of the problem."""
        self._refusals.labels(action.value, reason).inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is the address with its parameters' names."""
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


class CountRequests:
    """Middleware that counts requests by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics, prefix: str) -> None:
        self._app = app
        self._metrics = metrics
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - began
                route = route_of(scope).removeprefix(self._prefix)
                self._metrics.answered(scope["method"], route, message["status"], seconds)
            await send(message)

        await self._app(scope, receive, noting)


def route_of(scope: Scope) -> str:
    """The address of the route that took the request, as it was written; "none" where none did. From FastAPI 0.137 on
    it is without the prefix of the router that it is in."""
    return str(getattr(scope.get("route"), "path_format", "none"))

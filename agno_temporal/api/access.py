"""Who calls, and what they may do.

The actor of a decision is who the server verified, never who a body says. So a route names the scope that it needs, and
gets a principal or does not run.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection


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

"""Who calls, and what they may do: names that stand in keys, tokens and decisions, so that none is ever renamed."""

from __future__ import annotations

import enum
from dataclasses import dataclass


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
        user_id: Whose runs these are where users are isolated from each other. A route is given it only there.
        is_kept_apart: Whoever knows the caller isolates users from each other, so that the service has to as well.
    """

    id: str
    scopes: frozenset[Scope]
    user_id: str | None = None
    is_kept_apart: bool = False

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes


ANYBODY = Principal("anonymous", frozenset(Scope))

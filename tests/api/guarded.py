"""An API that wants credentials, with everybody who may call it, and some who may not."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from agno_temporal.api.access import Needs
from agno_temporal.api.app import create_app
from agno_temporal.api.credentials import Credentials
from agno_temporal.api.key_ring import KeyRing
from agno_temporal.api.key_sets import key_set
from agno_temporal.api.key_stores import KeyDirectory
from agno_temporal.api.keys import new_key
from agno_temporal.api.principals import Scope
from agno_temporal.api.rates import Rate
from agno_temporal.api.service import Service
from agno_temporal.api.tokens import TokenRules, Tokens
from tests.api.issuer import AUDIENCE, ISSUER, Signer, published
from tests.api.served import over

SIGNER, STRANGER = Signer("one", "ES256"), Signer("one", "ES256")


@dataclass
class Keys:
    """Where keys are, and those that were made here by name."""

    place: Path
    tokens: dict[str, str]

    async def make(self, name: str, *scopes: Scope, **options: Any) -> str:
        key, token = new_key(name, scopes, time.time(), user_id=options.pop("user_id", None))
        await KeyDirectory(self.place).add(replace(key, **options))
        self.tokens[name] = token
        return token

    def access(self) -> Credentials:
        jwks = self.place / "jwks.json"
        jwks.write_bytes(published(SIGNER))
        tokens = Tokens(TokenRules(ISSUER, (AUDIENCE,)), key_set(str(jwks)))
        return Credentials(KeyRing(KeyDirectory(self.place)), tokens, failures=Rate(per_second=1000, burst=100_000))


async def some_keys(place: Path) -> Keys:
    """A key for each scope under its name, and one that is expired, and one revoked."""
    keys = Keys(place, {})
    for scope in Scope:
        await keys.make(scope.value, scope)
    await keys.make("expired", Scope.ADMIN, expires_at=1)
    await keys.make("revoked", Scope.ADMIN, revoked_at=1)
    return keys


def app_of(service: Service, keys: Keys, *, isolation: bool = False) -> FastAPI:
    return create_app(replace(service, access=keys.access(), isolation=isolation))


def calling(app: FastAPI, token: str | None) -> httpx.AsyncClient:
    """A client that sends a credential with each request."""
    client = over(app)
    if token is not None:
        client.headers["Authorization"] = f"Bearer {token}"
    return client


@dataclass(frozen=True)
class Operation:
    """A method at a path, and the scopes that it asks for."""

    method: str
    path: str
    scopes: tuple[Scope, ...]

    def url(self, **values: str) -> str:
        return self.path.format_map(_Filled(values))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations(app: FastAPI) -> list[Operation]:
    """Everything that an app answers, whoever added it, described or not."""
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            needed = [one.call for one in route.dependant.dependencies if isinstance(one.call, Needs)]
            scopes = tuple(one.scope for one in needed)
            found += [Operation(method, str(context.path_format), scopes) for method in sorted(route.methods or ())]
    return found


def paths(app: FastAPI) -> set[str]:
    return {str(context.path_format) for context in iter_route_contexts(app.routes)}


class _Filled(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "some"

"""Callers with tokens, as AgentOS takes them."""

from __future__ import annotations

import time
from typing import Any

import jwt
from agno.os.config import AuthorizationConfig

from tests.agentos.serving import Site, patient

SECRET = "a secret of at least thirty-two bytes"

MEMBER = ["workflows:read", "workflows:run", "sessions:read", "approvals:read"]
ADMIN = ["agent_os:admin"]


def apart() -> dict[str, Any]:
    """What makes AgentOS ask for tokens, and keep users apart."""
    config = AuthorizationConfig(verification_keys=[SECRET], algorithm="HS256")
    return {"authorization": True, "authorization_config": config, "user_isolation": True}


def token_of(user: str, scopes: list[str]) -> str:
    claims = {"sub": user, "scopes": scopes, "exp": int(time.time()) + 600, "aud": "tests"}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def as_user(site: Site, user: str, scopes: list[str] | None = None) -> Site:
    """The site as this user sees it; without scopes given, as a member."""
    headers = {"Authorization": f"Bearer {token_of(user, MEMBER if scopes is None else scopes)}"}
    return Site(site.url, site.flows, patient(site.url, headers=headers))

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


def as_user(site: Site, user: str, scopes: list[str] | None = None) -> Site:
    """The site as this user sees it; without scopes given, as a member."""
    claims = {
        "sub": user,
        "scopes": MEMBER if scopes is None else scopes,
        "exp": int(time.time()) + 600,
        "aud": "tests",
    }
    headers = {"Authorization": f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"}
    return Site(site.url, site.flows, patient(site.url, headers=headers))

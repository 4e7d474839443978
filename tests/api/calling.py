"""Requests as a server sees them, without a server: their peer, their headers, their method."""

from __future__ import annotations

from starlette.requests import Request


def request(
    *headers: tuple[str, str], peer: str | None = "127.0.0.1", method: str = "GET", path: str = "/v1/runs"
) -> Request:
    """A request that has just arrived."""
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
            "client": None if peer is None else (peer, 5000),
            "server": ("127.0.0.1", 8000),
        }
    )


def bearing(token: str, *headers: tuple[str, str], **options: str) -> Request:
    """A request with a credential."""
    return request(("Authorization", f"Bearer {token}"), *headers, **options)

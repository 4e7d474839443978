"""A server without credentials: for this machine alone, whoever else tries.

Listening on loopback is not enough. A page in a browser on this machine can send requests to it, and by a name that it
makes resolve to 127.0.0.1 even read the answers; a proxy on this machine hands on what the world sends; and the same
app under another server may listen anywhere. So each request shows that it is local: its peer is this machine, it was
addressed to this machine by a name that is nobody else's, no proxy has handed it on, and no other site's page sent it.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from agno_temporal.api.addresses import is_loopback
from agno_temporal.api.origins import refuse_unsent
from agno_temporal.api.principals import ANYBODY, Principal
from agno_temporal.api.problems import Problem
from agno_temporal.connect.settings import BadSetting

REMEDY = "Give the API keys or tokens (AGNO_TEMPORAL_API_KEY_STORE, AGNO_TEMPORAL_API_JWT_ISSUER)"

_HANDED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Unguarded(BadSetting):
    """The server would be open to others. The message says how that is mended."""


class Open:
    """No credentials: for a server that only this machine can reach.

    Args:
        origins: Of other pages that may call it from a browser, as CORS names them.

    Raises:
        ValueError: No browser sends one of these.
    """

    def __init__(self, origins: Collection[str] = ()) -> None:
        refuse_unsent(origins)
        self._origins = frozenset(origins)

    async def principal(self, connection: HTTPConnection) -> Principal:
        """
        Raises:
            Problem: 403, the request is not from this machine, or from a page of another site.
        """
        if (why := _not_local(connection)) is not None:
            raise Problem(403, "not-local", f"This server has no credentials, so it is for its own machine: {why}.")
        if _is_of_another_site(connection, self._origins):
            raise Problem(403, "cross-site-request", "A page of another site may not call this server.")
        return ANYBODY


def refuse_unguarded(host: str, access: object) -> None:
    """Check that a server without credentials listens to its own machine only.

    Raises:
        Unguarded: It would not.
    """
    if isinstance(access, Open) and not is_loopback(host):
        raise Unguarded(
            f"Without credentials the API listens on this machine only, and {host!r} is more than that. {REMEDY}, or "
            "listen on 127.0.0.1."
        )


def _not_local(connection: HTTPConnection) -> str | None:
    client = connection.client
    if client is None or not is_loopback(client.host):
        return f"the request is from elsewhere. {REMEDY}"
    hosts = connection.headers.getlist("host")
    if len(hosts) != 1 or not is_loopback(_name(f"//{hosts[0]}") or ""):
        return "the request is addressed to another name. Use localhost or 127.0.0.1"
    if any(name in connection.headers for name in _HANDED_ON):
        return f"a proxy has handed the request on. {REMEDY}"
    return None


def _is_of_another_site(connection: HTTPConnection, origins: Collection[str]) -> bool:
    """A browser says whose page it is; other programs say nothing of it."""
    headers = connection.headers
    if "origin" in headers:
        own = f"http://{headers['host']}"
        return any(one not in origins and one != own for one in headers.getlist("origin"))
    changes = connection.scope.get("method") not in ("GET", "HEAD", "OPTIONS")
    return changes and headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None

"""The API as a server: nothing of it listens before it is known who may call.

uvicorn by itself believes what a proxy on the same machine says about a request's origin, and anybody on this machine
can be one. So it is told to believe nobody; which proxies are to be trusted is a setting of ours.
"""

from __future__ import annotations

from dataclasses import replace

import uvicorn

from agno_temporal.api.app import create_app
from agno_temporal.api.local import REMEDY, refuse_unguarded
from agno_temporal.api.service import Service
from agno_temporal.api.settings import ApiSettings


def guarded(service: Service, settings: ApiSettings) -> Service:
    """The service with the callers of the settings.

    Raises:
        BadSetting: They cannot be known.
    """
    return replace(service, access=settings.access(service.db), isolation=settings.isolation)


def server(service: Service, settings: ApiSettings, host: str, port: int) -> uvicorn.Server:
    """A server of a `guarded` service, that does not listen yet.

    Raises:
        Unguarded: It would be open to other machines.
    """
    refuse_unguarded(host, service.access)
    app = create_app(service, cors_origins=settings.cors_origins)
    config = uvicorn.Config(
        app, host=host, port=port, proxy_headers=False, server_header=False, access_log=False, log_level="warning"
    )
    return uvicorn.Server(config)


def who_may_call(settings: ApiSettings) -> str:
    """What to tell whoever starts the server."""
    if not settings.is_guarded:
        return f"Without credentials, only this machine can call the API. {REMEDY} to open it to others."
    takes = [*(["API keys"] if settings.key_store else []), *(["tokens"] if settings.jwt_issuer else [])]
    return f"The API takes {' and '.join(takes)}{', and shows each user their own runs' if settings.isolation else ''}."

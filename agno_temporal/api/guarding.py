"""The service with the callers that its settings name."""

from __future__ import annotations

from dataclasses import replace

from agno_temporal.api.local import REMEDY
from agno_temporal.api.service import Service
from agno_temporal.api.settings import ApiSettings
from agno_temporal.api.streams import Streams


def guarded(service: Service, settings: ApiSettings) -> Service:
    """The service, with whoever may call it.

    Raises:
        BadSetting: That cannot be told.
    """
    access = settings.access(service.db)
    streams = Streams(settings.streams)
    return replace(
        service, access=access, isolation=settings.isolation, open_metrics=settings.open_metrics, streams=streams
    )


def who_may_call(settings: ApiSettings) -> str:
    """What to tell whoever starts the server."""
    if not settings.is_guarded:
        return f"Without credentials, only this machine can call the API. {REMEDY} to open it to others."
    takes = [*(["API keys"] if settings.key_store else []), *(["tokens"] if settings.jwt_issuer else [])]
    return f"The API takes {' and '.join(takes)}{', and shows each user their own runs' if settings.isolation else ''}."

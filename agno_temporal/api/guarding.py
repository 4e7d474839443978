"""The service with the callers that its settings name."""

from __future__ import annotations

from dataclasses import replace

from agno_temporal.api.codec import codec_of
from agno_temporal.api.local import REMEDY
from agno_temporal.api.service import Service
from agno_temporal.api.settings import VARIABLES, ApiSettings
from agno_temporal.api.streams import Streams
from agno_temporal.connect.bad_setting import BadSetting
from agno_temporal.contract.sealed import VARIABLE as KEYS


def guarded(service: Service, settings: ApiSettings) -> Service:
    """The service, with whoever may call it.

    Raises:
        BadSetting: That cannot be told; or what is encrypted is to be opened, without keys.
    """
    if settings.codec and codec_of(service) is None:
        raise BadSetting(f"{VARIABLES}CODEC opens what is encrypted, and there are no keys. Set {KEYS}.")
    access = settings.access(service.db)
    return replace(
        service,
        access=access,
        isolation=settings.isolation,
        open_metrics=settings.open_metrics,
        codec=settings.codec,
        streams=Streams(settings.streams),
    )


def who_may_call(settings: ApiSettings) -> str:
    """What to tell whoever starts the server."""
    if not settings.is_guarded:
        return f"Without credentials, only this machine can call the API. {REMEDY} to open it to others."
    takes = [*(["API keys"] if settings.key_store else []), *(["tokens"] if settings.jwt_issuer else [])]
    return f"The API takes {' and '.join(takes)}{', and shows each user their own runs' if settings.isolation else ''}."

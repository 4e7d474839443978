"""Spans of requests, so that a trace begins where a start or a decision came from.

FastAPI's own spans, from 0.165 on, stand aside where this is. Probes and scrapes have none: they come every few
seconds, for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from agno_temporal.connect.tracing import TelemetryMissing

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

_UNTRACED = "/health$,/ready$,/metrics$"


def trace_requests(app: FastAPI, provider: TracerProvider | None = None) -> None:
    """Trace an app's requests. Once is enough, and before the first request.

    Args:
        provider: None takes the process's own.

    Raises:
        TelemetryMissing: The extra ``telemetry`` is not installed.

    Example:
        app = create_app(new_service([release], client))
        trace_requests(app)
    """
    try:
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    except ImportError as error:
        raise TelemetryMissing(
            f"Telemetry needs the extra `telemetry` (pip install 'agno-temporal[telemetry]'): {error}"
        ) from error
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, excluded_urls=_UNTRACED, exclude_spans=["send", "receive"]
    )

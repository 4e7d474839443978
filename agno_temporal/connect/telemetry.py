"""Telemetry by OpenTelemetry's own variables, as every tool has it.

Its SDK reads most of them by itself, but makes neither a provider nor an exporter: that is left to a launcher
(``opentelemetry-instrument``). The commands here are launchers of their own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Final

from temporalio.client import Plugin

from agno_temporal.connect.tracing import TelemetryMissing, TracingPlugin

SERVICE: Final = "agno-temporal"
"""The service's name where OTEL_SERVICE_NAME says no other."""

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_OTLP: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
"""The names under which the exporters are found, by protocol."""


def telemetry_from_environment() -> list[Plugin]:
    """The plugin where OpenTelemetry's own variables ask for traces, else nothing.

    `OTEL_TRACES_EXPORTER` names the exporter, or `OTEL_EXPORTER_OTLP_ENDPOINT` where to send to; `OTEL_SERVICE_NAME`,
    `OTEL_TRACES_SAMPLER` and the others mean what they always do. A provider that the process has already, such as that
    of ``opentelemetry-instrument``, is used as it is.

    Raises:
        TelemetryMissing: What sends them is not installed.
    """
    if not is_wanted(os.environ):
        return []
    plugin = TracingPlugin()
    _ensure_provider()
    return [plugin]


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether traces are asked for.

    >>> is_wanted({}), is_wanted({"OTEL_TRACES_EXPORTER": "console"}), is_wanted({"OTEL_TRACES_EXPORTER": "none"})
    (False, True, False)
    >>> is_wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"})
    False
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip()
    return exporter.lower() != "none" if exporter else any(environment.get(name) for name in _ENDPOINTS)


def _ensure_provider() -> None:
    from opentelemetry import trace
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return
    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: SERVICE}))
    provider = TracerProvider(resource=resource)
    for name in (os.environ.get("OTEL_TRACES_EXPORTER") or "otlp").split(","):
        provider.add_span_processor(BatchSpanProcessor(_exporter(name.strip())()))
    trace.set_tracer_provider(provider)


def _exporter(name: str) -> Any:
    """The class of an exporter, by the name that OTEL_TRACES_EXPORTER has for it."""
    if name == "otlp":
        asked = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        wanted = [_OTLP.get(asked, asked)] if asked else list(_OTLP.values())
    else:
        wanted = [name]
    for one in wanted:
        for entry in entry_points(group="opentelemetry_traces_exporter", name=one):
            return entry.load()
    known = sorted({entry.name for entry in entry_points(group="opentelemetry_traces_exporter")})
    raise TelemetryMissing(
        f"No exporter of traces is installed under {' or '.join(wanted)}; there are {', '.join(known) or 'none'}. For "
        "OTLP, `pip install opentelemetry-exporter-otlp-proto-http` (or -grpc); or set OTEL_TRACES_EXPORTER."
    )

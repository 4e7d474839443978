"""Telemetry is asked for by OpenTelemetry's own variables, and by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from agno_temporal.connect.telemetry import telemetry_from_environment
from agno_temporal.connect.tracing import TelemetryMissing, TracingPlugin

TRACED = """
from opentelemetry import trace
from agno_temporal.connect.telemetry import telemetry_from_environment

print(*(plugin.name() for plugin in telemetry_from_environment()))
trace.get_tracer("user").start_span("of the user").end()
"""


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


def traced(**environment: str) -> str:
    """What a fresh process writes, whose provider is its own."""
    done = subprocess.run(
        [sys.executable, "-c", TRACED], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_traced_unless_it_is_asked_for() -> None:
    assert telemetry_from_environment() == []


def test_an_exporter_by_its_name_gets_the_spans_of_the_process() -> None:
    written = traced(OTEL_TRACES_EXPORTER="console")
    assert TracingPlugin().name() in written
    assert '"name": "of the user"' in written
    assert '"service.name": "agno-temporal"' in written


def test_the_services_name_can_be_another() -> None:
    assert '"service.name": "release"' in traced(OTEL_TRACES_EXPORTER="console", OTEL_SERVICE_NAME="release")


def test_an_exporter_that_is_not_installed_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "carrier-pigeon")
    with pytest.raises(TelemetryMissing, match=r"carrier-pigeon; there are .*console"):
        telemetry_from_environment()

"""What a run asks of the server, counted by the SDK itself.

A history shows what a run has written. What it has asked for besides, such as a heartbeat, costs the server as much and
an operator an action, and is in no history. The SDK counts each request by its operation, so that a client with a
buffer for these counts tells them exactly. Polls are left out: a worker polls whether there are runs or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from temporalio.client import Client
from temporalio.runtime import BUFFERED_METRIC_KIND_COUNTER, MetricBuffer, Runtime, TelemetryConfig

REQUESTS = ("temporal_request", "temporal_long_request")
NOT_OF_A_RUN = ("Poll", "Get", "Describe", "RecordWorkerHeartbeat", "ShutdownWorker", "UpdateNamespace")


@dataclass(slots=True)
class Requests:
    """How often each operation was asked for."""

    buffer: MetricBuffer
    counts: Counter[str] = field(default_factory=Counter)

    def taken(self) -> Counter[str]:
        """Those since the last time."""
        self.counts = Counter()
        for update in self.buffer.retrieve_updates():
            metric = update.metric
            if metric.kind is not BUFFERED_METRIC_KIND_COUNTER or metric.name not in REQUESTS:
                continue
            operation = str(update.attributes.get("operation", ""))
            if not operation.startswith(NOT_OF_A_RUN):
                self.counts[operation] += int(update.value)
        return self.counts


@asynccontextmanager
async def counted(address: str) -> AsyncIterator[tuple[Client, Requests]]:
    """A client whose requests, and those of its workers, are counted."""
    buffer = MetricBuffer(100_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=buffer))
    client = await Client.connect(address, runtime=runtime)
    requests = Requests(buffer)
    requests.taken()
    yield client, requests

"""Metrics for Prometheus: what all runs do, and what this server did.

A scrape must cost little, also where there are millions of runs and several servers. So how many runs there are is one
query of Temporal's, what waits and how long it waited is counted by the database, and each answer serves all scrapes
for a while. These are the same at every server: take them from one of them, and do not add them up. Decisions, refusals
and requests are this server's alone, since its start.

What cannot be read is left out, and `agno_temporal_reading_ok` says so: an old number would look like a healthy one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.responses import Response

from agno_temporal.agno_bridge.approval_counts import BOUNDS, DecidedCount, count_decided, count_open
from agno_temporal.agno_bridge.approval_table import has_approvals
from agno_temporal.api.access import Scope, needs
from agno_temporal.api.documented import problems
from agno_temporal.api.once import Once
from agno_temporal.api.routing import new_router
from agno_temporal.api.service import Service
from agno_temporal.follow.visibility import runs_query
from agno_temporal.hitl import Kind

WITHIN: Final = 5.0
"""Seconds for one reading. A scrape has ten, as Prometheus is set by itself."""

STATUSES: Final = {
    "Running": "running",
    "Completed": "completed",
    "Failed": "failed",
    "Canceled": "cancelled",
    "Terminated": "terminated",
    "TimedOut": "timed_out",
}
"""Temporal's words for how a run ended. agno's ERROR is a failure; what a rejection cancels has completed."""

KINDS: Final = tuple(kind.value for kind in Kind)

OUTCOMES: Final = ("approved", "rejected", "expired", "cancelled")

POLICIES: Final = ("approve", "reject", "skip", "cancel")

OTHER: Final = "other"

logger = logging.getLogger("agno_temporal.api")


@dataclass(frozen=True)
class Reading:
    """One source of numbers, and what is made of them."""

    name: str
    once: Once[list[Metric]]


def routes(service: Service) -> APIRouter:
    router = new_router(service, "metrics")
    readings = list(_readings(service))
    reader = Scope.ADMIN if service.isolation else Scope.READ  # They count every user's runs.
    reads = [] if service.open_metrics else [Depends(needs(service, reader))]

    @router.get(
        "/metrics",
        operation_id="get_metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        dependencies=reads,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **problems()},
    )
    async def get_metrics(accept: Annotated[str, Header(include_in_schema=False)] = "") -> Response:
        """How many runs there are, what waits for people and for how long, and what this server did."""
        encode, media_type = choose_encoder(accept)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Read([one for found in await asyncio.gather(*map(_read, readings)) for one in found]))
        own = encode(service.metrics.registry)
        return Response(_joined(encode(registry), own), media_type=media_type, headers={"Cache-Control": "no-store"})

    return router


def _joined(first: bytes, second: bytes) -> bytes:
    """Two expositions as one. OpenMetrics ends each with a line of its own."""
    return first.removesuffix(b"# EOF\n") + second


def _readings(service: Service) -> Iterator[Reading]:
    def reading(name: str, read: Callable[[], Awaitable[list[Metric]]], keep: float) -> Reading:
        return Reading(name, Once(read, keep, WITHIN))

    ids = list(service.workflows)
    yield reading("runs", lambda: _runs(service), 5.0)
    if has_approvals(service.db):
        yield reading("open", lambda: _open(service, ids), 5.0)
        yield reading("decided", lambda: _decided(service, ids), 30.0)


async def _read(reading: Reading) -> list[Metric]:
    ok = GaugeMetricFamily("agno_temporal_reading_ok", "Whether a source of numbers could be read.", labels=["source"])
    try:
        found = await reading.once.get()
    except Exception as error:
        logger.warning("metrics of %s cannot be read: %s: %s", reading.name, type(error).__name__, error)
        found = []
        ok.add_metric([reading.name], 0)
    else:
        ok.add_metric([reading.name], 1)
    return [*found, ok]


class _Read(Collector):
    """What was read, families of one name put together."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._families: dict[str, Metric] = {}
        for one in found:
            family = self._families.setdefault(one.name, one)
            if family is not one:
                family.samples.extend(one.samples)

    def collect(self) -> Iterable[Metric]:
        return self._families.values()


async def _runs(service: Service) -> list[Metric]:
    query = f"{runs_query(service.task_queue)} GROUP BY ExecutionStatus"
    counted = await service.runs.client.count_workflows(query, rpc_timeout=timedelta(seconds=WITHIN))
    family = GaugeMetricFamily("agno_temporal_runs", "Runs that Temporal has, by status.", labels=["status"])
    found = {str(group.group_values[0]): group.count for group in counted.groups}
    for status, shown in STATUSES.items():
        family.add_metric([shown], found.get(status, 0))
    return [family]


async def _open(service: Service, workflow_ids: list[str]) -> list[Metric]:
    family = GaugeMetricFamily(
        "agno_temporal_open_requirements", "What waits for a person.", labels=["workflow_id", "kind"]
    )
    found = {
        (one.workflow_id, one.kind): one.count for one in await count_open(service.db, workflow_ids, service.reads)
    }
    for workflow_id in workflow_ids:
        for kind in KINDS:
            family.add_metric([workflow_id, kind], found.get((workflow_id, kind), 0))
    return [family]


async def _decided(service: Service, workflow_ids: list[str]) -> list[Metric]:
    counts = await count_decided(service.db, workflow_ids, service.reads)
    return [_pauses(counts), _timeouts(counts)]


def _pauses(counts: list[DecidedCount]) -> Metric:
    family = HistogramMetricFamily(
        "agno_temporal_pause_seconds",
        "From the question to its answer, by the question's kind and what became of it.",
        labels=["kind", "outcome"],
    )
    by_labels: dict[tuple[str, str], list[DecidedCount]] = {}
    for one in counts:
        by_labels.setdefault((_one_of(one.kind, KINDS), _one_of(one.outcome, OUTCOMES)), []).append(one)
    for labels, alike in sorted(by_labels.items()):
        within = [sum(column) for column in zip(*(one.within for one in alike), strict=True)]
        buckets = [(f"{bound:.1f}", float(count)) for bound, count in zip(BOUNDS, within, strict=True)]
        total = sum(one.count for one in alike)
        family.add_metric(labels, [*buckets, ("+Inf", total)], sum(one.seconds for one in alike))
    return family


def _timeouts(counts: list[DecidedCount]) -> Metric:
    family = CounterMetricFamily(
        "agno_temporal_timeouts", "Deadlines that passed, by what was to happen then.", labels=["policy"]
    )
    found = dict.fromkeys(POLICIES, 0)
    for one in counts:
        if one.policy is not None:
            policy = _one_of(one.policy, POLICIES)
            found[policy] = found.get(policy, 0) + one.count
    for policy, count in found.items():
        family.add_metric([policy], count)
    return family


def _one_of(value: str, known: Collection[str]) -> str:
    return value if value in known else OTHER

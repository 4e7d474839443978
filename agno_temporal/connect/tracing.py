"""Traces: from a request over a start or a decision to the steps that it sets in motion.

A run may wait for ninety days. A span that is open as long is shown by no backend, and is lost with the worker that
holds it. So Temporal's `TracingInterceptor` is used, whose spans inside of a workflow are written at once and have no
length, and not its newer `OpenTelemetryPlugin`: that one keeps them open until the run ends, and wants a tracer
provider of its own kind for the whole process.

By itself it puts everything that a run ever does into the trace of its start, and lets a decision's trace end at the
update. But what moves a run on after a pause is the decision. So from the first decision on, steps belong to the trace
of the last one that the run took by update; `HandleUpdate`, in the trace of the start, links to it. Between branches
that wait at the same time this is an approximation. A signal may be refused without anybody hearing of it, and moves
nothing to its trace.

Traces travel in headers, which no replay compares: a run goes on with telemetry that was started without, and the other
way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ContinueAsNewInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from agno_temporal.contract import names
from agno_temporal.workflows.definition import AgnoRun

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider
    from temporalio.contrib.opentelemetry import TracingInterceptor

TRACER = "agno-temporal"


class TelemetryMissing(ImportError):
    """Telemetry is asked for, and what it needs is not installed."""


class TracingPlugin(SimplePlugin):
    """Traces runs with OpenTelemetry. Goes to the client; its workers take it over.

    Args:
        provider: None takes the process's own, as `opentelemetry.trace.set_tracer_provider` sets it.

    Raises:
        TelemetryMissing: The extra ``telemetry`` is not installed.

    Example:
        client = await Client.connect("localhost:7233", plugins=[AgnoPlugin(workflows=[release]), TracingPlugin()])
    """

    def __init__(self, provider: TracerProvider | None = None) -> None:
        try:
            from opentelemetry.trace import get_tracer
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
            from temporalio.contrib.opentelemetry import TracingInterceptor
        except ImportError as error:
            raise TelemetryMissing(
                f"Telemetry needs the extra `telemetry` (pip install 'agno-temporal[telemetry]'): {error}"
            ) from error
        tracing = TracingInterceptor(get_tracer(TRACER, tracer_provider=provider))
        tracing.text_map_propagator = TraceContextTextMapPropagator()  # Not baggage: headers are never encrypted.
        super().__init__("agno_temporal.TracingPlugin", interceptors=[tracing, _Causes(tracing)])


class _Causes(Interceptor):
    """Lets steps belong to the trace of the decision that moved the run. Stands behind Temporal's own interceptor, so
    that its outbound side is asked before Temporal's."""

    def __init__(self, tracing: TracingInterceptor) -> None:
        self._tracing = tracing

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        tracing = self._tracing

        class Caused(_CausedInbound):
            root = tracing

        return Caused


class _CausedInbound(WorkflowInboundInterceptor):
    root: TracingInterceptor
    cause: Payload | None = None

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_CausedOutbound(outbound, self))

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        answer = await super().handle_update_handler(input)
        if input.update == names.DECIDE and isinstance(workflow.instance(), AgnoRun):
            self.cause = input.headers.get(self.root.header_key)
        return answer

    @contextmanager
    def caused(self) -> Iterator[None]:
        """The context of the last decision, as it was where it was made."""
        from opentelemetry import context

        if self.cause is None:
            yield
            return
        (carrier,) = self.root.payload_converter.from_payloads([self.cause])
        token = context.attach(self.root.text_map_propagator.extract(carrier, context.get_current()))
        try:
            yield
        finally:
            context.detach(token)


class _CausedOutbound(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, inbound: _CausedInbound) -> None:
        super().__init__(next)
        self._inbound = inbound

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        with self._inbound.caused():
            super().continue_as_new(input)

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        with self._inbound.caused():
            return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> workflow.ActivityHandle[Any]:
        with self._inbound.caused():
            return super().start_local_activity(input)

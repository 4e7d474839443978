"""Calls that end soon: for who answers callers of its own, and must not keep them waiting for a server that is away.

Temporal's client tries a call again for ten seconds, and waits half a minute for a server that took it and says
nothing. That is right for a worker, which has nothing else to do. Whoever asks the API would rather hear within moments
that nobody answers: what has an id of its own may be sent again, and is done once.

A connection that the server closed, as each does every few minutes, is made anew at the first try again. So the calls
are still tried again, for as long as a restart of a server behind a load balancer takes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypeVar

from temporalio.client import ClientConfig, Interceptor, OutboundInterceptor, Plugin
from temporalio.service import ConnectConfig, RetryConfig, ServiceClient

Input = TypeVar("Input")

TRIED_FOR: Final = timedelta(seconds=3)
"""How long a call that fails is tried again."""

ANSWERED_WITHIN: Final = timedelta(seconds=5)
"""How long one try may take, where the call says nothing else. Long polls do."""


class BoundedCalls(Plugin):
    """For a client that serves callers: `Client.connect(..., plugins=[BoundedCalls()])`. Not for a worker's."""

    async def connect_service_client(
        self, config: ConnectConfig, next: Callable[[ConnectConfig], Awaitable[ServiceClient]]
    ) -> ServiceClient:
        """See base class."""
        config.retry_config = RetryConfig(max_elapsed_time_millis=int(TRIED_FOR / timedelta(milliseconds=1)))
        return await next(config)

    def configure_client(self, config: ClientConfig) -> ClientConfig:
        """See base class."""
        config["interceptors"] = [*config.get("interceptors", ()), _Bounded()]
        return config


class _Bounded(Interceptor):
    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _BoundedCalls(next)


class _BoundedCalls(OutboundInterceptor):
    """Every call that we make, but for the update, which has a bound in any case."""

    async def start_workflow(self, input: Any) -> Any:
        return await super().start_workflow(_bounded(input))

    async def describe_workflow(self, input: Any) -> Any:
        return await super().describe_workflow(_bounded(input))

    async def signal_workflow(self, input: Any) -> None:
        await super().signal_workflow(_bounded(input))

    async def cancel_workflow(self, input: Any) -> None:
        await super().cancel_workflow(_bounded(input))

    async def terminate_workflow(self, input: Any) -> None:
        await super().terminate_workflow(_bounded(input))

    async def count_workflows(self, input: Any) -> Any:
        return await super().count_workflows(_bounded(input))

    def list_workflows(self, input: Any) -> Any:
        return super().list_workflows(_bounded(input))

    def fetch_workflow_history_events(self, input: Any) -> Any:
        return super().fetch_workflow_history_events(input if input.wait_new_event else _bounded(input))


def _bounded(input: Input) -> Input:
    given: Any = input
    return input if given.rpc_timeout is not None else replace(given, rpc_timeout=ANSWERED_WITHIN)

"""Why commands connect by a runtime of their own: the core of Temporal's client logs to stdout.

It is written in Rust, and warns on this process's first descriptor of every call that it has to repeat
(temporalio 1.35). Where Temporal was away for some seconds, that stood before the one document of ``--json``. Here a
logger of Python is given it, and says it on stderr. Workers and servers print no document, and are left as they are.
"""

from __future__ import annotations

import logging
from functools import cache

from temporalio.client import Client
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig

from agno_temporal.connect.settings import Settings


async def connected_client(settings: Settings) -> Client:
    """The client of a command. Raises what `Settings.connect` raises."""
    return await settings.connect(runtime=_runtime())


@cache
def _runtime() -> Runtime:
    """One for the process: each has threads of its own."""
    forwarding = LogForwardingConfig(logging.getLogger("temporalio"), append_log_fields_to_message=False)
    log = LoggingConfig(LoggingConfig.default.filter, forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=log))

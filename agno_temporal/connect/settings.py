"""Settings from flags and the environment, under Temporal's own names.

Address, namespace, TLS and API key come from Temporal's profiles and ``TEMPORAL_*`` variables, as every Temporal tool
reads them (temporalio.envconfig); only what Temporal has no name for is ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Plugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.connect.bad_setting import BadSetting as BadSetting
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.connect.telemetry import telemetry_from_environment
from agno_temporal.contract import names

TASK_QUEUE_VARIABLE = "AGNO_TEMPORAL_TASK_QUEUE"


class CannotConnect(ConnectionError):
    """No Temporal server answers. The message says where it was looked for, and how to start one."""


@dataclass(frozen=True)
class Settings:
    """Where Temporal is. None leaves a value to the profile, and then to Temporal's default (localhost:7233)."""

    address: str | None = None
    namespace: str | None = None
    profile: str | None = None
    task_queue: str | None = None

    @property
    def queue(self) -> str:
        return self.task_queue or os.environ.get(TASK_QUEUE_VARIABLE) or names.TASK_QUEUE

    async def connect(self, plugins: Sequence[Plugin] = (), runtime: Runtime | None = None) -> Client:
        """Connect now: a client that connects at its first call cannot be shared between event loops.

        Where OpenTelemetry's variables ask for traces, the client and its workers write them. Encryption and external
        storage are those of the environment (`connect.data`).

        Raises:
            TelemetryMissing: Traces are asked for, and what they need is not installed.
            BadSetting: Temporal's settings cannot be read, or encryption or external storage is not configured well.
            CannotConnect: Nobody answers, or not as Temporal does; or there is no such namespace.
        """
        from temporalio.envconfig import ClientConfig  # It brings a TOML parser.

        try:
            config = ClientConfig.load_client_connect_config(profile=self.profile)
        except (OSError, RuntimeError, ValueError) as error:
            raise BadSetting(f"Temporal's settings cannot be read: {error} (--profile, TEMPORAL_*).") from error
        target = self.address or config.get("target_host") or "localhost:7233"
        config["target_host"] = target
        if self.namespace:
            config["namespace"] = self.namespace
        data_converter, plugins = data_converter_from_environment(), [*plugins, *telemetry_from_environment()]
        try:
            client = await Client.connect(**config, data_converter=data_converter, plugins=plugins, runtime=runtime)
        except ValueError as error:
            raise BadSetting(f"{target!r} is no host:port: {error} (--address, TEMPORAL_ADDRESS).") from error
        except RuntimeError as error:
            raise CannotConnect(
                f"No Temporal server answers at {target}: {_reason(error)}. Start one (`agno-temporal dev`, or "
                "`temporal server start-dev`), or name another with --address or TEMPORAL_ADDRESS."
            ) from error
        await _check_namespace(client, target)
        return client


async def _check_namespace(client: Client, target: str) -> None:
    """A wrong namespace connects well, and then has no run that anybody asks for."""
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise CannotConnect(
                f"Temporal at {target} has no namespace {client.namespace!r}. Create it (`temporal operator namespace "
                f"create -n {client.namespace}`), or name another with --namespace or TEMPORAL_NAMESPACE."
            ) from error


def _reason(error: Exception) -> str:
    """What a person can read of Temporal's error, whose text shows the insides of its transport."""
    said = re.findall(r'(?:message|error): "([^"]+)"', str(error))
    return said[-1] if said else str(error).splitlines()[0][:200]

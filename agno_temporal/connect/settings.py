"""Settings from flags and the environment, under Temporal's own names.

Address, namespace, TLS and API key come from Temporal's profiles and ``TEMPORAL_*`` variables, as every Temporal tool
reads them (temporalio.envconfig); only what Temporal has no name for is ours.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Plugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from agno_temporal.connect.bad_setting import BadSetting as BadSetting
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.connect.telemetry import telemetry_from_environment
from agno_temporal.connect.unconnected import CLIENT, not_admitted, unconnected
from agno_temporal.connect.unconnected import CannotConnect as CannotConnect
from agno_temporal.contract import names

TASK_QUEUE_VARIABLE = "AGNO_TEMPORAL_TASK_QUEUE"


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
            NotAdmitted: A server answers, and not to these credentials or certificates. It is both of those above.
        """
        from temporalio.envconfig import ClientConfig  # It brings a TOML parser.

        try:
            config = ClientConfig.load_client_connect_config(profile=self.profile, override_env_vars=_environment())
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
            raise BadSetting(_unusable(str(error), target)) from error
        except RuntimeError as error:
            raise unconnected(str(error), target) from error
        await _check_namespace(client, target)
        return client


def _environment() -> dict[str, str]:
    """A variable that is empty, as a compose file makes it of one that is not set, is as good as none. To Temporal, a
    namespace without a name is another one, and a key without a letter asks for TLS."""
    return {name: value for name, value in os.environ.items() if value}


def _unusable(said: str, target: str) -> str:
    """Of what is wrong before anybody is called."""
    if "client cert" in said:
        return f"A client certificate needs its key, and the key its certificate: {CLIENT}."
    return f"{target!r} is no host:port: {said} (--address, TEMPORAL_ADDRESS)."


async def _check_namespace(client: Client, target: str) -> None:
    """A wrong namespace connects well, and then has no run that anybody asks for. So do, with many servers, wrong
    credentials."""
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status in (RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED):
            raise not_admitted(error.message, target) from error
        if error.status is RPCStatusCode.NOT_FOUND:
            create = f"temporal operator namespace create -n {client.namespace}"
            raise CannotConnect(
                f"Temporal at {target} has no namespace {client.namespace!r}. Create it (`{create}`), or name another "
                "with --namespace or TEMPORAL_NAMESPACE.",
                create,
            ) from error

"""`agno-temporal api`: the API alone, with its workers elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from agno_temporal.api.app import create_app
from agno_temporal.api.guarding import guarded, who_may_call
from agno_temporal.api.local import refuse_unguarded
from agno_temporal.api.service import new_service
from agno_temporal.api.serving import CannotServe, serve
from agno_temporal.api.settings import settings_from
from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.connect.loading import load_workflows
from agno_temporal.connect.settings import Settings
from agno_temporal.worker import log_to_stderr


def serve_api(settings: Settings, references: Sequence[str], host: str, port: int, given: Mapping[str, Any]) -> None:
    """Serve until a signal comes.

    Args:
        given: Settings of the API that go before the environment's, by name; None leaves one to it.

    Raises:
        CannotLoad, PlanError: The workflows are not there, or cannot be run as they are written.
        BadSetting: It cannot be told who may call, or the API would be open to others.
        CannotConnect: No Temporal server answers.
        Failed: The port cannot be had.
    """
    log_to_stderr()
    asyncio.run(_serve(settings, references, host, port, given))


async def _serve(settings: Settings, references: Sequence[str], host: str, port: int, given: Mapping[str, Any]) -> None:
    workflows, callers = load_workflows(references), settings_from(**given)
    client = await settings.connect()
    service = guarded(new_service(workflows, client, task_queue=settings.queue), callers)
    refuse_unguarded(host, service.access)
    tell(who_may_call(callers))
    try:
        await serve(create_app(service, cors_origins=callers.cors_origins), host, port, tell=tell)
    except CannotServe as error:
        raise Failed(f"{error} (--port)", ExitCode.USAGE) from error

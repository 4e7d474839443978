"""`agno-temporal api`: the API alone, with its workers elsewhere.

A signal ends it as it ends a worker: what is under way is finished, and the exit code is 0. Before that it says for a
while that it is not ready, if it is told to (`--drain`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from agno.workflow import Workflow
from starlette.types import ASGIApp

from agno_temporal.api.app import create_app
from agno_temporal.api.guarding import guarded, who_may_call
from agno_temporal.api.local import refuse_unguarded
from agno_temporal.api.service import new_service
from agno_temporal.api.serving import GRACE, CannotServe, serve
from agno_temporal.api.settings import settings_from
from agno_temporal.cli.exits import ExitCode, Failed, tell
from agno_temporal.connect.bounded import BoundedCalls
from agno_temporal.connect.loading import load_workflows
from agno_temporal.connect.settings import Settings
from agno_temporal.worker import Stop, log_to_stderr


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
    asyncio.run(_serve(settings, load_workflows(references), host, port, given))


async def _serve(
    settings: Settings, workflows: Sequence[Workflow], host: str, port: int, given: Mapping[str, Any]
) -> None:
    callers = settings_from(**given)
    client = await settings.connect([BoundedCalls()])
    service = guarded(new_service(workflows, client, task_queue=settings.queue), callers)
    refuse_unguarded(host, service.access)
    tell(who_may_call(callers))
    stop, leaving = Stop(says_so=False), asyncio.Event()
    app = create_app(service, cors_origins=callers.cors_origins)
    async with served(app, host, port, "--port", leaving) as where:
        stop.listen()  # uvicorn has put its own handlers in the place of these, by which a signal ends in an error.
        tell(where)
        await stop.wait()
        first = f"not ready for {callers.drain:g} s, then " if callers.drain else ""
        tell(f"stopping: {first}requests under way have {GRACE} s; once more to end at once")
        leaving.set()
        await asyncio.sleep(callers.drain)


@asynccontextmanager
async def served(
    app: ASGIApp, host: str, port: int, option: str, leaving: asyncio.Event | None = None
) -> AsyncIterator[str]:
    """Serve for the length of a block: what is to be told of where.

    Raises:
        Failed: The port cannot be had, which the option says.
    """
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(app, host, port, tell=told.set_result, leaving=leaving))
    either: list[asyncio.Future[Any]] = [serving, told]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    try:
        if serving.done():
            await serving
        yield told.result()
    except CannotServe as error:
        raise Failed(f"{error} ({option})", ExitCode.USAGE) from error
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError, CannotServe):
            await serving

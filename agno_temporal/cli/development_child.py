"""The part of `dev` that knows the app: a worker and the API, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agno.workflow import Workflow
from temporalio.client import Client

from agno_temporal.cli.development import HOST, NAMESPACE
from agno_temporal.cli.exits import tell
from agno_temporal.cli.files import LOOK_EVERY, note_loaded
from agno_temporal.connect.data import data_converter_from_environment
from agno_temporal.connect.loading import load_workflows
from agno_temporal.connect.settings import BadSetting, Settings
from agno_temporal.connect.telemetry import telemetry_from_environment
from agno_temporal.plugin import AgnoPlugin
from agno_temporal.webhooks import webhooks_from_environment
from agno_temporal.worker import Stop, log_to_stderr, working

DEFAULT_PORT = 7233


def develop(given: dict[str, Any]) -> None:
    """
    Args:
        given: The fields of `Development`, and of its process.

    Raises:
        CannotLoad, PlanError: The workflows are not there, or cannot be run as they are written.
    """
    log_to_stderr()
    try:
        workflows = load_workflows(given.pop("references"))
    finally:
        note_loaded(Path(given["loaded"]))
    asyncio.run(_develop(workflows, **given))


async def _develop(
    workflows: Sequence[Workflow],
    port: int,
    ui_port: int | None,
    api_port: int | None,
    database: str,
    task_queue: str | None,
    max_concurrent_steps: int | None,
    loaded: str,
    ready: str,
    elsewhere: bool,
) -> None:
    stop = Stop(says_so=False)
    queue = Settings(task_queue=task_queue).queue
    plugin = AgnoPlugin(workflows, webhooks=webhooks_from_environment())
    client = await Client.connect(
        f"{HOST}:{port}", data_converter=data_converter_from_environment(), plugins=telemetry_from_environment()
    )
    async with (
        working(client, plugin, queue, max_concurrent_steps),
        _api(workflows, client, queue, api_port) as api,
        _noting(Path(loaded), stop),
    ):
        stop.listen()  # uvicorn has put its own handlers in the place of these.
        names = plugin.registry.names()
        if _is_first(Path(ready)):
            where = _where(port, task_queue, elsewhere)
            _tell(names, f"{HOST}:{port}", ui_port, api, database, queue, where)
        else:
            tell(f"Loaded anew: {', '.join(names)}.")
        await stop.wait()


def _is_first(ready: Path) -> bool:
    """Note that this process is up. Whether none was before it: then nobody was told yet where everything is."""
    try:
        ready.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@asynccontextmanager
async def _noting(loaded: Path, stop: Stop) -> AsyncIterator[None]:
    """Note what a step loads while it runs; and end with the process that started this one, however that ended."""
    parent = os.getppid()

    async def note() -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if os.getppid() != parent:
                stop.stop()
                return
            note_loaded(loaded)

    noting = asyncio.create_task(note())
    try:
        yield
    finally:
        noting.cancel()


@asynccontextmanager
async def _api(
    workflows: Sequence[Workflow], client: Client, queue: str, port: int | None
) -> AsyncIterator[str | None]:
    """Serve the API for the length of a block: its address, or None where it is not served."""
    if port is None:
        yield None
        return
    try:
        from agno_temporal.api.app import create_app
        from agno_temporal.api.guarding import guarded
        from agno_temporal.api.service import new_service
        from agno_temporal.api.settings import settings_from
        from agno_temporal.cli.api_process import served
    except ModuleNotFoundError as error:
        tell(f"There is no API: {error.name} is not installed (pip install 'agno-temporal[api]').")
        yield None
        return
    settings = settings_from()
    try:
        service = guarded(new_service(workflows, client, task_queue=queue), settings)
    except BadSetting as error:
        raise BadSetting(f"{error} Or leave the API out: --no-api.") from error
    async with served(create_app(service, cors_origins=settings.cors_origins), HOST, port, "--api-port"):
        yield f"http://{HOST}:{port}"


def _where(port: int, task_queue: str | None, elsewhere: bool) -> str:
    """The options that a command needs to come here.

    Args:
        elsewhere: Whether a variable would take it to another server.
    """
    options = f" --address {HOST}:{port}" if elsewhere or port != DEFAULT_PORT else ""
    options += f" --namespace {NAMESPACE}" if elsewhere else ""
    return options + (f" --task-queue {shlex.quote(task_queue)}" if task_queue else "")


def _tell(
    names: list[str], address: str, ui_port: int | None, api: str | None, database: str, queue: str, where: str
) -> None:
    print(f"Temporal is at {address}, namespace {NAMESPACE}, task queue {queue}.")
    if ui_port is not None:
        print(f"Its Web UI is at http://{HOST}:{ui_port}.")
    if api is not None:
        print(f"The API is at {api}/v1, its description at {api}/openapi.json.")
    print(f"Runs are kept in {database}, and go on when this is started again.")
    print(f"Workflows: {', '.join(names)}")
    for command in (f"run {shlex.quote(names[0])} --input TEXT", "pending", "show RUN_ID", "confirm RUN_ID"):
        print(f"  agno-temporal {command}{where}")
    if api is not None:
        body = shlex.quote(f'{{"workflow_id": "{names[0]}", "input": "TEXT"}}')
        print(f"  curl {api}/v1/runs -H 'Content-Type: application/json' \\\n    -d {body}")
    print("Code is loaded anew when it changes. Ctrl-C stops it.", flush=True)
